/** Given and family names of contacts; a contact's two are picked by the rank of the contact. */
export const GIVEN =
  ("Anna Ben Carla David Elena Felix Greta Hannah Ivan Julia Karim Lena Mateo Nadia Oscar Paula " +
    "Quentin Rosa Samuel Teresa Ulrich Vera Walter Xenia Yusuf Zoe Adam Birgit Chen Dalia Erik Fatima Georg Hana " +
    "Ismail Johanna Kofi Lucia Marek Noor Olga Pedro Rahel Stefan Tove Uma Viktor Wanda Yara Zdenek").split(
      " ",
    );

/** Family names. */
export const FAMILY =
  ("Abernathy Bergmann Castellano Dimitrov Eriksson Fernandez Grigoryan Hashimoto Ibrahim " +
    "Jankowski Kowalczyk Lindqvist Moreau Nakamura Okonkwo Papadakis Quiroga Rosenthal Santoro Takahashi Umarov " +
    "Vasquez Wojcik Xenakis Yildirim Zimmermann Almeida Bianchi Cordero Dvorak Engström Fontaine Gallagher Horvath " +
    "Ivanova Johansson Karlsson Lefebvre Mahmoud Novak Oliveira Petrenko Ramirez Schneider Thompson Ullmann " +
    "Virtanen Whitfield Yamamoto Zielinski").split(" ");
