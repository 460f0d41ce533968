import { questionOf } from "../cases/questions.ts";
import { TEXT_TERMS } from "../cases/search.ts";
import { pathOf } from "../harness/http_client.ts";
import { contactId, type Person } from "../population.ts";

/** A client as it goes from request to request. */
export interface ClientState {
  readonly person: Person;
  /** Evenly in [0, 1). */
  readonly draw: () => number;
  /** Where its list of events goes on. */
  cursor: string | undefined;
  /** Of the dashboard that it asks for again and again. */
  etag: string | undefined;
}

/** What a client asks for. */
export interface SoakRequest {
  readonly method?: "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** One sort of request. */
export interface SoakRoute {
  readonly name: string;
  /** Of a hundred requests. */
  readonly weight: number;
  readonly ask: (client: ClientState, end: Date) => SoakRequest;
  // deno-lint-ignore no-explicit-any -- each route knows its own answer
  readonly note?: (client: ClientState, response: Response, body: any) => void;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

/** A period of days; one that begins and ends at a random minute was asked by nobody before. */
function period(end: Date, days: number, draw?: () => number): { from: string; to: string } {
  const to = end.getTime() - (draw === undefined ? 0 : Math.floor(draw() * 1000 * 1440) * MINUTE_MS);
  return { from: instant(to - days * DAY_MS), to: instant(to) };
}

function someContact({ person, draw }: ClientState): string {
  return contactId(person.index, 1 + Math.floor(draw() * person.contacts));
}

function newEvents({ draw }: ClientState, end: Date): unknown[] {
  return Array.from({ length: 20 }, () => {
    const is_call = draw() < 0.35;
    return {
      ts: instant(end.getTime() - Math.floor(draw() * 300 * DAY_MS)),
      number: `+1212555${1000 + Math.floor(draw() * 300)}`,
      type: is_call ? "call" : "sms",
      direction: draw() < 0.5 ? "inbound" : "outbound",
      ...(is_call
        ? { status: "answered", duration: Math.floor(draw() * 900) }
        : { content: TEXT_TERMS[Math.floor(draw() * 30)] }),
    };
  });
}

const get = (path: string, query?: Record<string, string | number | undefined>) => ({
  path: pathOf(path, query),
});
const of = (list: readonly string[], draw: () => number) => list[Math.floor(draw() * list.length)];

/** What clients ask for, and how often. */
export const SOAK_ROUTES: readonly SoakRoute[] = [
  {
    name: "dashboard, 30 days",
    weight: 12,
    ask: ({ draw }, end) => get("/dashboard/metrics", period(end, 30, draw)),
  },
  {
    name: "dashboard, asked before",
    weight: 10,
    ask: (_, end) => get("/dashboard/metrics", period(end, 30)),
    note: (client, response) => client.etag = response.headers.get("etag") ?? undefined,
  },
  {
    name: "dashboard, with its ETag",
    weight: 8,
    ask: ({ etag }, end) => ({
      ...get("/dashboard/metrics", period(end, 30)),
      ...(etag !== undefined && { headers: { "if-none-match": etag } }),
    }),
    note: (client, response) => client.etag = response.headers.get("etag") ?? client.etag,
  },
  {
    name: "events, first page",
    weight: 10,
    ask: () => get("/events"),
    note: (client, _, body) => client.cursor = body?.meta.page.next_cursor ?? undefined,
  },
  {
    name: "events, next page",
    weight: 8,
    ask: ({ cursor }) => get("/events", { cursor }),
    note: (client, _, body) => client.cursor = body?.meta.page.next_cursor ?? undefined,
  },
  {
    name: "events of a contact",
    weight: 4,
    ask: (client) => get("/events", { contact_id: someContact(client), type: "call" }),
  },
  {
    name: "search, events",
    weight: 8,
    ask: ({ draw }) => get("/search/events", { q: of(TEXT_TERMS, draw) }),
  },
  {
    name: "search, contacts",
    weight: 4,
    ask: ({ draw }) => get("/search/contacts", { q: of(["Hannah", "Osc", "johana", "555", "Kofi M"], draw) }),
  },
  { name: "contacts", weight: 5, ask: () => get("/contacts") },
  {
    name: "contact, intelligence",
    weight: 5,
    ask: (client) => get(`/contacts/${someContact(client)}/intelligence`),
  },
  {
    name: "trends, 90 days",
    weight: 4,
    ask: ({ draw }, end) => get("/analytics/trends", { ...period(end, 90, draw), breakdown: "type" }),
  },
  {
    name: "gaps, 30 days",
    weight: 2,
    ask: ({ draw }, end) => get("/analytics/gaps", period(end, 30, draw)),
  },
  {
    name: "question",
    weight: 4,
    ask: ({ draw }) => ({
      method: "POST",
      path: "/nlq/query",
      body: { question: questionOf(Math.floor(draw() * 300)) },
    }),
  },
  {
    name: "POST 20 events",
    weight: 8,
    ask: (client, end) => ({ method: "POST", path: "/events", body: { events: newEvents(client, end) } }),
  },
  {
    name: "sync report",
    weight: 5,
    ask: ({ draw }) => ({
      method: "POST",
      path: "/sync/reports",
      body: { source: "device", queue_depth: Math.floor(draw() * 10), sent_at: instant(Date.now()) },
    }),
  },
  { name: "sync health", weight: 3, ask: () => get("/sync/health") },
];

/** Draws a route by the weights. */
export function drawRoute(draw: () => number): SoakRoute {
  let left = draw() * SOAK_ROUTES.reduce((sum, { weight }) => sum + weight, 0);
  const found = SOAK_ROUTES.find(({ weight }) => (left -= weight) < 0);
  if (found === undefined) throw new Error("Cannot draw a route from none");
  return found;
}
