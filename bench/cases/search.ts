import { pathOf } from "../harness/http_client.ts";
import { COMMON, MIDDLING, RARE, VERY_COMMON } from "../population/vocabulary.ts";
import { type BenchCase, OWNER, TEAMMATE, type World } from "./case.ts";

const at = (words: readonly string[], place: number) => words[place % words.length] ?? "";

/** Forty questions for texts: single words of every frequency, pairs, a phrase, an exclusion, a choice. */
export const TEXT_TERMS: readonly string[] = [
  ...VERY_COMMON,
  ...COMMON,
  ...MIDDLING,
  ...RARE,
  `${at(VERY_COMMON, 0)} ${at(VERY_COMMON, 1)}`,
  `${at(VERY_COMMON, 0)} ${at(COMMON, 0)}`,
  `${at(COMMON, 1)} ${at(COMMON, 2)}`,
  `${at(COMMON, 3)} ${at(MIDDLING, 0)}`,
  `${at(MIDDLING, 1)} ${at(MIDDLING, 2)}`,
  `"${at(COMMON, 0)} ${at(VERY_COMMON, 0)}"`,
  `${at(COMMON, 4)} -${at(VERY_COMMON, 2)}`,
  `${at(RARE, 0)} or ${at(RARE, 1)}`,
  `${at(COMMON, 5)} ${at(COMMON, 6)} ${at(COMMON, 7)}`,
];

/** Names as people type them, some with a slip, and parts of numbers. */
const NAME_TERMS = [
  "Hannah",
  "Lindqvst",
  "hannah lindqvist",
  "Osc",
  "Wojick",
  "johana",
  "Zelinski",
  "Rosenthal",
  "Kofi M",
  "Schnieder",
];
const NUMBER_TERMS = [
  "+12065550403",
  "0403",
  "5550403",
  "206555",
  "415 555",
  "12345",
  "+1617555",
  "0999",
  "7777",
  "(212) 555",
];

const PLAIN_TEXT = `select e.*, c.name from public.events as e
  left join public.contacts as c on c.user_id = e.user_id and c.id = e.contact_id
  where e.user_id = $1 and (e.content ilike $2 or c.name ilike $2 or e.number ilike $2)
  order by e.ts desc limit 50`;
const BOUND_TEXT = `select e.* from (select t.event_id from private.event_texts as t
    where t.user_id = $1 and t.words @@ websearch_to_tsquery('private.plain', $2) limit 50) as hit
  join public.events as e on e.user_id = $1 and e.id = hit.event_id`;
const BOUND_NUMBER = `select e.* from (select n.number from public.contact_numbers as n
    where n.user_id = $1 and n.number like $2 limit 50) as hit
  cross join lateral (select e.* from public.events as e where e.user_id = $1 and e.number = hit.number order by e.ts desc limit 1) as e`;
const BOUND_NAME =
  `select e.* from (select c.id from public.contacts as c where c.user_id = $1 and c.name ilike $2 limit 50) as hit
  cross join lateral (select e.* from public.events as e where e.user_id = $1 and e.contact_id = hit.id order by e.ts desc limit 1) as e`;

function like(term: string): string {
  return `%${term.replaceAll(/["%_\-()+]/g, "").trim().split(" ").join("%")}%`;
}

function eventCase(name: string, terms: readonly string[], bound: string, caller: string): BenchCase {
  const term = (turn: number) => terms[turn % terms.length] ?? "";
  const user_id = caller === OWNER ? undefined : OWNER;
  return {
    name,
    fn: "search_events",
    caller,
    args: (turn) => ({ search_text: term(turn), user_id }),
    path: (turn) => pathOf("/search/events", { q: term(turn), user_id }),
    rows: (answer) => answer.events.length,
    plain: (turn) => ({ sql: PLAIN_TEXT, params: [OWNER, like(term(turn))] }),
    ...(user_id !== undefined && { plain_by: "operator" }),
    bound: (turn) => ({ sql: bound, params: [OWNER, bound === BOUND_TEXT ? term(turn) : like(term(turn))] }),
    bar_ms: 40,
    must_not_grow: true,
    runs: terms.length * Math.max(1, Math.round(120 / terms.length)),
  };
}

/** `search_events` and `search_contacts`, the terms in rotation. */
export function searchCases(_world: World): BenchCase[] {
  const term = (turn: number) => NAME_TERMS[turn % NAME_TERMS.length] ?? "";
  return [
    eventCase("search events: 40 texts", TEXT_TERMS, BOUND_TEXT, OWNER),
    eventCase("search events: names", NAME_TERMS, BOUND_NAME, OWNER),
    eventCase("search events: numbers", NUMBER_TERMS, BOUND_NUMBER, OWNER),
    eventCase("search events of a teammate: 40 texts", TEXT_TERMS, BOUND_TEXT, TEAMMATE),
    {
      name: "search contacts",
      fn: "search_contacts",
      caller: OWNER,
      args: (turn) => ({ search_text: term(turn) }),
      path: (turn) => pathOf("/search/contacts", { q: term(turn) }),
      rows: (answer) => answer.contacts.length,
      plain: (turn) => ({
        sql:
          `select c.*, (select count(*) from public.events as e where e.user_id = c.user_id and e.contact_id = c.id) as events
          from public.contacts as c where c.user_id = $1 and c.name ilike $2 order by c.name limit 50`,
        params: [OWNER, like(term(turn))],
      }),
      bound: (turn) => ({
        sql: "select c.* from public.contacts as c where c.user_id = $1 and c.name ilike $2 limit 50",
        params: [OWNER, like(term(turn))],
      }),
      bar_ms: 40,
      must_not_grow: true,
      runs: 120,
    },
  ];
}
