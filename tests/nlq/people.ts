/** Somebody of a log: `weight` says how often, `other_name` is a second name that the log gave. */
export interface Person {
  readonly name: string;
  /** E.164, or null for withheld ones. */
  readonly number: string | null;
  readonly weight: number;
  /** False: the log never names this number. */
  readonly is_named?: boolean;
  /** What the log calls somebody who shares a name, so that they stay two. */
  readonly log_name?: string;
  readonly other_name?: string;
  readonly company?: string;
  readonly tags?: readonly string[];
}

/** Names that every log has, the ones that are words too among them; the surnames differ. */
interface Cast {
  readonly prefix: string;
  readonly will: string;
  readonly may: string;
  readonly mark: string;
  readonly grace: string;
  readonly bill: string;
  readonly april: string;
  readonly jose: string;
  readonly zoe: string;
  readonly obrien: string;
  readonly orange: readonly [string, string];
  readonly twin: string;
  /** A number without a name. */
  readonly stranger: string;
}

function shared(cast: Cast): Person[] {
  const number = (n: number) => `${cast.prefix}${String(n).padStart(2, "0")}`;
  return [
    { name: "Dad", number: number(2), weight: 12, tags: ["family"] },
    { name: cast.will, number: number(3), weight: 7 },
    { name: cast.may, number: number(4), weight: 6 },
    { name: cast.mark, number: number(5), weight: 7, tags: ["gym"] },
    { name: cast.grace, number: number(6), weight: 10 },
    { name: cast.bill, number: number(7), weight: 5 },
    { name: cast.april, number: number(8), weight: 5, tags: ["family"] },
    { name: "Mr Summer", number: number(9), weight: 3 },
    { name: "Anna Schmidt", number: number(10), weight: 4 },
    { name: "Anna Schulz", number: number(11), weight: 4 },
    { name: cast.jose, number: number(12), weight: 4 },
    { name: cast.zoe, number: number(13), weight: 4, tags: ["gym"] },
    { name: cast.obrien, number: number(14), weight: 4 },
    { name: "Dr. Lee", number: number(15), weight: 3 },
    { name: cast.twin, number: number(16), weight: 3 },
    { name: cast.twin, number: number(17), weight: 3, log_name: `${cast.twin} 2` },
    { name: cast.orange[0], number: number(18), weight: 4, company: "Orange" },
    { name: cast.orange[1], number: number(19), weight: 3, company: "Orange" },
    { name: "Unknown", number: cast.stranger, weight: 5, is_named: false },
    { name: "Unknown", number: number(97), weight: 2, is_named: false },
    { name: "Withheld", number: null, weight: 2, is_named: false },
  ];
}

export const NEW_YORK_PEOPLE: readonly Person[] = [
  { name: "Mom", number: "+12125550101", weight: 18, tags: ["family"] },
  ...shared({
    prefix: "+121255501",
    will: "Will Parker",
    may: "May Chen",
    mark: "Mark Rivera",
    grace: "Grace Kim",
    bill: "Bill Turner",
    april: "April Jones",
    jose: "José García",
    zoe: "Zoë Miller",
    obrien: "Siobhan O'Brien",
    orange: ["Carla Diaz", "Victor Hale"],
    twin: "Sam Taylor",
    stranger: "+12125550147",
  }),
  { name: "Thomas Becker", number: "+12125550130", weight: 3, other_name: "Tommy" },
  { name: "Ruth Novak", number: "+12125550131", weight: 3, company: "Blue Harbor" },
];

export const BERLIN_PEOPLE: readonly Person[] = [
  { name: "Mum", number: "+493055500101", weight: 18, tags: ["family"] },
  ...shared({
    prefix: "+4930555001",
    will: "Will Baker",
    may: "May Lorenz",
    mark: "Mark Hoffmann",
    grace: "Grace Okafor",
    bill: "Bill Meyer",
    april: "April Wagner",
    jose: "José Álvarez",
    zoe: "Zoë Klein",
    obrien: "Fiona O'Brien",
    orange: ["Lukas Brandt", "Nadia Frank"],
    twin: "Jonas Weber",
    stranger: "+4930123456",
  }),
  { name: "Aunt Rosa", number: "+493055500130", weight: 3, tags: ["family"] },
];

export const KATHMANDU_PEOPLE: readonly Person[] = [
  { name: "Sunita Shrestha", number: "+9779841000101", weight: 18, other_name: "Mum", tags: ["family"] },
  ...shared({
    prefix: "+97798410001",
    will: "Will Gurung",
    may: "May Tamang",
    mark: "Mark Rai",
    grace: "Grace Thapa",
    bill: "Bill Lama",
    april: "April Karki",
    jose: "José Rana",
    zoe: "Zoë Magar",
    obrien: "Kiran O'Brien",
    orange: ["Bikash Adhikari", "Deepa Joshi"],
    twin: "Ram Thapa",
    stranger: "+9779841000147",
  }),
];
