const MARKS = /\p{M}/gu;
const NOT_WORD = /[^\p{L}\p{N}]+/gu;

/** Lower case without accents and punctuation, words parted by one space: "Numéro d'appel" is "numero d appel". */
export function foldWords(text: string): string {
  return text.normalize("NFD").replace(MARKS, "").toLowerCase().replaceAll("ß", "ss").replace(NOT_WORD, " ")
    .trim();
}
