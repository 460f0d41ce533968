import { pathOf } from "../harness/http_client.ts";
import { type BenchCase, OWNER, TEAMMATE, type World } from "./case.ts";
import { SEEN_BY_TEAMMATES } from "./plain_dashboard.ts";

/** A place in the list: the cursor of the function and that of the route. */
interface Place {
  readonly ts: string;
  readonly id: string;
  readonly cursor: string;
}

const ROWS = "select e.* from public.events as e where e.user_id = $1";
const NAMED =
  `select e.*, c.name from public.events as e left join public.contacts as c on c.user_id = e.user_id and c.id = e.contact_id
  where e.user_id = $1`;
const NEWEST = "order by e.ts desc, e.id desc limit 50";
const DEPTH_SHARE = 0.9;

/** Filters that few events pass: more than a page of them in the small log too, or none at all. */
const RARE = {
  "calls of 20 minutes": { args: { min_duration: 1200 }, condition: "e.duration >= 1200" },
  "failed texts": { args: { status: "failed" }, condition: "e.status = 'failed'" },
  "entered by hand (none)": {
    args: { source: "manual" },
    condition: "e.source = 'manual'",
  },
} as const;

/** Walks to nine tenths of the large log through the API, 200 rows a page, as a client would. */
async function walk(world: World): Promise<Place> {
  const depth = world.big.events * DEPTH_SHARE;
  let cursor: string | undefined;
  let last = { ts: "", id: "" };
  for (let seen = 0; seen < depth; seen += 200) {
    const { body } = await world.http.get(OWNER, pathOf("/events", { limit: 200, cursor }));
    cursor = body.meta.page.next_cursor;
    last = body.data.at(-1);
  }
  return { ts: last.ts, id: last.id, cursor: cursor ?? "" };
}

// deno-lint-ignore no-explicit-any -- the answer of the function
const events = (answer: any) => answer.events.length;

/** `get_filtered_events`: pages of 50. */
export async function pageCases(world: World): Promise<BenchCase[]> {
  const deep = await walk(world);
  const upto = { user_id: OWNER, to: deep.ts };
  const start =
    (await world.http.get(TEAMMATE, pathOf("/events", { ...upto, limit: 1 }))).body.meta.page.next_cursor;
  const offset = world.big.events * DEPTH_SHARE;
  const contact = (turn: number) => `00000000-0000-7000-8000-${String(3 + turn % 30).padStart(12, "0")}`;
  const base = { fn: "get_filtered_events", rows: events, must_not_grow: true };
  return [
    {
      ...base,
      name: "page of 50, the first",
      caller: OWNER,
      args: () => ({}),
      path: () => "/events",
      plain: () => ({ sql: `${NAMED} ${NEWEST}`, params: [OWNER] }),
      bound: () => ({ sql: `${ROWS} ${NEWEST}`, params: [OWNER] }),
      bar_ms: 5,
    },
    {
      ...base,
      name: "page of 50 at nine tenths",
      caller: OWNER,
      args: () => ({ cursor_ts: deep.ts, cursor_id: deep.id }),
      path: () => pathOf("/events", { cursor: deep.cursor }),
      plain: () => ({ sql: `${NAMED} ${NEWEST} offset $2`, params: [OWNER, offset] }),
      bound: () => ({
        sql: `${ROWS} and (e.ts, e.id) < ($2, $3) ${NEWEST}`,
        params: [OWNER, deep.ts, deep.id],
      }),
      bar_ms: 5,
    },
    {
      ...base,
      name: "page of a teammate, the first",
      caller: TEAMMATE,
      args: () => ({ user_id: OWNER }),
      path: () => pathOf("/events", { user_id: OWNER }),
      plain: () => ({ sql: `${NAMED} and ${SEEN_BY_TEAMMATES} ${NEWEST}`, params: [OWNER] }),
      plain_by: "operator",
      bound: () => ({ sql: `${ROWS} ${NEWEST}`, params: [OWNER] }),
    },
    {
      ...base,
      name: "page of a teammate at nine tenths",
      caller: TEAMMATE,
      args: () => ({ user_id: OWNER, cursor_ts: deep.ts, cursor_id: deep.id }),
      path: () => pathOf("/events", { ...upto, cursor: start }),
      plain: () => ({
        sql: `${NAMED} and ${SEEN_BY_TEAMMATES} ${NEWEST} offset $2`,
        params: [OWNER, offset],
      }),
      plain_by: "operator",
      bound: () => ({
        sql: `${ROWS} and (e.ts, e.id) < ($2, $3) ${NEWEST}`,
        params: [OWNER, deep.ts, deep.id],
      }),
    },
    {
      ...base,
      name: "page: missed calls of a contact",
      caller: OWNER,
      args: (turn) => ({ contact_id: contact(turn), type: "call", status: "missed" }),
      path: (turn) => pathOf("/events", { contact_id: contact(turn), type: "call", status: "missed" }),
      plain: (turn) => ({
        sql: `${NAMED} and e.contact_id = $2 and e.type = 'call' and e.status = 'missed' ${NEWEST}`,
        params: [OWNER, contact(turn)],
      }),
      bound: (turn) => ({
        sql: `${ROWS} and e.contact_id = $2 and e.status = 'missed' ${NEWEST}`,
        params: [OWNER, contact(turn)],
      }),
    },
    ...Object.entries(RARE).flatMap(([what, { args, condition }]) =>
      [OWNER, TEAMMATE].map((caller): BenchCase => {
        const whose = caller === OWNER ? {} : { user_id: OWNER };
        const seen = caller === OWNER ? "" : `and ${SEEN_BY_TEAMMATES}`;
        return {
          ...base,
          name: caller === OWNER ? `page: ${what}` : `page of a teammate: ${what}`,
          caller,
          args: () => ({ ...whose, ...args }),
          path: () => pathOf("/events", { ...whose, ...args }),
          plain: () => ({ sql: `${NAMED} and ${condition} ${seen} ${NEWEST}`, params: [OWNER] }),
          ...caller === OWNER ? {} : { plain_by: "operator" },
          bound: () => ({ sql: `${ROWS} and ${condition} ${NEWEST}`, params: [OWNER] }),
        };
      })
    ),
  ];
}
