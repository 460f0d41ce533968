import { americanNumber, britishMobile, londonLandline } from "./numbers.ts";
import type { DemoContact } from "./types.ts";

/** A person or business without an account. Who knows it, and under which name, is said by the ties. */
export type Outsider = Pick<DemoContact, "numbers" | "birthday" | "company">;

function mobile(index: number, birthday: string | null = null, company: string | null = null): Outsider {
  return { numbers: [{ number: britishMobile(index), label: "mobile" }], birthday, company };
}

function landline(index: number, company: string): Outsider {
  return { numbers: [{ number: londonLandline(index), label: "work" }], birthday: null, company };
}

function american(area: number, index: number, birthday: string | null = null): Outsider {
  return { numbers: [{ number: americanNumber(area, index), label: "mobile" }], birthday, company: null };
}

function office(area: number, index: number, company: string): Outsider {
  return { numbers: [{ number: americanNumber(area, index), label: "work" }], birthday: null, company };
}

/** Adds a second number to somebody. */
function also(outsider: Outsider, number: string, label: "home" | "work"): Outsider {
  return { ...outsider, numbers: [...outsider.numbers, { number, label }] };
}

/** Everybody outside of the organisation, by key. One number belongs to one key. */
export const outsiders = {
  // Olivia's family and friends
  ben: also(mobile(201, "1982-09-02", "Ferrow Engineering"), londonLandline(201), "work"),
  mum: also(mobile(202, "1955-11-30"), londonLandline(202), "home"),
  dad: mobile(203, "1953-05-19"),
  kate: mobile(204, "1987-07-08"),
  ivy: mobile(205, "2015-02-21"),
  tess: mobile(206, "1984-12-04"),
  raj: mobile(207, "1983-08-27"),
  lou: mobile(208, "1985-01-15"),
  nia: mobile(209),
  harriet: mobile(212, null, "Vale & Daughters"),
  school: landline(210, "Ashgrove School"),
  // The firm's clients and suppliers
  priya: also(mobile(220, "1979-10-11", "Marlow & Finch"), londonLandline(220), "work"),
  callum: mobile(221, null, "Marlow & Finch"),
  museum: landline(222, "Northlight Museum"),
  theo: mobile(223, null, "Kilnhouse"),
  florist: landline(224, "Petal & Stem"),
  printer: mobile(225, null, "Bright Print"),
  stefan: mobile(226, null, "Amp Hire"),
  lena: mobile(227, "1990-06-16", "Tidewater Catering"),
  accountant: landline(228, "Osei Accounting"),
  dentist: landline(229, "Park Dental"),
  doctor: landline(230, "Linden Surgery"),
  taxi: landline(231, "Cab Fox"),
  bistro: landline(232, "Lotte's"),
  garage: landline(233, "Weller Garage"),
  // Adam's and Vera's people
  jess: mobile(240, "1992-04-25"),
  marc: mobile(241, "1994-03-03"),
  adams_mum: also(mobile(242, "1961-08-14"), londonLandline(242), "home"),
  tom: mobile(243, "1990-01-28"),
  yusuf: mobile(244, "1989-11-09"),
  felix: mobile(245),
  landlord: mobile(246),
  bikes: landline(247, "Spoke & Chain"),
  robin: mobile(248),
  karl: mobile(270, "1975-05-05"),
  // New York
  dana: also(
    { ...american(212, 20, "1981-02-10"), company: "Whitfield Foundation" },
    americanNumber(212, 21),
    "work",
  ),
  linen: office(718, 21, "Empire Linen"),
  loft: office(212, 22, "Hudson Loft"),
  new_york_taxi: office(718, 25, "City Car"),
  mama: also(american(305, 30, "1958-12-12"), americanNumber(305, 31), "home"),
  leo: american(917, 31, "1993-07-30"),
  carmen: american(646, 32, "1991-09-17"),
  zoe: american(646, 33, "1990-05-23"),
  jonah: american(917, 34),
  piet: mobile(260, "1988-10-02"),
  physician: office(212, 23, "Chelsea Family Medicine"),
  yoga: office(646, 24, "Low Tide Yoga"),
  grace: also(american(718, 40, "1986-03-19"), americanNumber(212, 41), "work"),
  daycare: office(718, 41, "Little Oaks"),
  pop: american(201, 42, "1952-06-27"),
  emeka: american(201, 43, "1984-11-18"),
  sal: american(917, 44),
  barber: office(718, 45, "Fade Street"),
  andre: american(917, 46, "1985-08-08"),
  coach: american(646, 47),
  // Sol's people
  sols_mother: american(201, 60, "1960-01-06"),
  boss: american(212, 61),
  noor: american(917, 62, "1996-10-20"),
} as const satisfies Record<string, Outsider>;

/** Key of one of the {@linkcode outsiders}. */
export type OutsiderKey = keyof typeof outsiders;
