import type { ApiUser, Reply } from "../helpers/api.ts";
import { hasKeys } from "./keys.ts";
import type { Subject, Target } from "./target.ts";

/** Her contacts, by what her rules say of them. */
const CONTACTS = {
  hidden: { number: "+447700900111", rule: { visibility: "private" } },
  masked: { number: "+447700900222", rule: { visibility: "team", mask_number: true } },
  // The number is in the attackers' logs too; what she calls its owner is hers.
  shared: { number: "+447700920555", rule: { visibility: "private" } },
  plain: { number: "+447700900333", rule: undefined },
  open: { number: "+447700900444", rule: { visibility: "public", mask_content: false } },
} as const;
/** A number that every attacker knows as well. */
export const SHARED_NUMBER = CONTACTS.shared.number;

const DAY_MS = 86_400_000;
const DAYS = [1, 2, 3, 5, 8, 9, 10, 12, 15, 16, 17, 19, 22, 23, 24, 26, 29, 30];
const ago = (days: number, minutes = 0) =>
  new Date(Date.now() - days * DAY_MS - minutes * 60_000).toISOString();

function done<T extends Reply>(reply: T, what: string): T {
  if (reply.status >= 300) {
    throw new Error(`Cannot seed ${what}: ${reply.status} ${JSON.stringify(reply.body)}`);
  }
  return reply;
}

function eventsWith(kind: keyof typeof CONTACTS, line_id: string): Record<string, unknown>[] {
  const { number } = CONTACTS[kind];
  const hour = Object.keys(CONTACTS).indexOf(kind) * 45;
  return DAYS.flatMap((days) => [
    {
      ts: ago(days, hour),
      number,
      line_id,
      type: "call",
      direction: days % 2 ? "inbound" : "outbound",
      status: "answered",
      duration: 100 + days,
      contact_name: `Qx${kind}name Vale`,
      source_id: `qx${kind}source ${days}`,
    },
    {
      ts: ago(days, hour + 5),
      number,
      type: "sms",
      direction: days % 2 ? "outbound" : "inbound",
      content: `Bring the qx${kind}text tomorrow`,
      metadata: { thread: `qx${kind}thread` },
    },
  ]);
}

async function seedContacts(victim: ApiUser, line_id: string): Promise<Subject[]> {
  const subjects: Subject[] = [];
  for (const [kind, { number, rule }] of Object.entries(CONTACTS)) {
    done(await victim.log(eventsWith(kind as keyof typeof CONTACTS, line_id)), "events");
    const found = await victim.get(`/api/search/contacts?q=${encodeURIComponent(number)}`);
    const contact_id: string = found.body.data[0].id;
    done(
      await victim.call("PATCH", `/api/contacts/${contact_id}`, {
        json: { company: `Qx${kind}company`, tags: [`qx${kind}tag`], notes: `Said qx${kind}note` },
      }),
      "a contact",
    );
    if (rule !== undefined) {
      done(
        await victim.post("/rest/v1/privacy_rules", { user_id: victim.id, contact_id, ...rule }),
        "a rule",
      );
    }
    const events = await victim.get(`/api/events?contact_id=${contact_id}&type=sms&limit=1`);
    const event_id: string = events.body.data[0].id;
    subjects.push({ contact_id, event_id, number, name: `Qx${kind}name Vale`, text: `qx${kind}text` });
  }
  // A number has two names, and one message a withheld number.
  done(
    await victim.log([
      {
        ts: ago(4),
        number: CONTACTS.hidden.number,
        type: "call",
        direction: "inbound",
        status: "missed",
        contact_name: "Qxhiddenalias",
      },
      { ts: ago(6), number: null, type: "sms", direction: "inbound", content: "From qxwithheldtext" },
      { ts: ago(7), number: CONTACTS.hidden.number, type: "call", direction: "inbound", status: "missed" },
    ]),
    "more events",
  );
  return subjects;
}

async function importIds(victim: ApiUser): Promise<Target["ids"]["imports"]> {
  const log = "Date,Phone,Type,Duration\n2026-01-05 10:00,+447700900111,Incoming,33\n";
  const upload = async (name: string, body: string) => {
    const reply = await victim.call("POST", `/api/imports?filename=qxfile${name}.csv`, {
      body,
      headers: { "content-type": "text/csv" },
    });
    return reply.body.data?.id ?? reply.body.import.id;
  };
  const open = async (name: string): Promise<string> =>
    done(await victim.post("/api/imports", { filename: `qxfile${name}.csv`, kind: "csv" }), "an import").body
      .data.id;
  const running = await open("running");
  done(
    await victim.call("PUT", `/api/imports/${running}/parts/0`, {
      body: log,
      headers: { "content-type": "text/csv" },
    }),
    "a part",
  );
  return {
    open: await open("open"),
    running,
    done: await upload("done", log),
    needs_mapping: await upload("odd", "A,B,C\n1,2,3\n"),
  };
}

/** The victim's data in every table, through the API as far as it goes. Every text has a word that begins with `qx`. */
export async function seedVictim(victim: ApiUser, organization_id: string): Promise<Target> {
  const { db } = victim.stack;
  done(
    await victim.post("/rest/v1/lines", { user_id: victim.id, name: "Qxline", number: "+447700900777" }),
    "a line",
  );
  const lines = await victim.get("/rest/v1/lines?select=id");
  const line: string = lines.body[0].id;
  const subjects = await seedContacts(victim, line);
  const [first, ...others] = subjects;
  if (first === undefined) throw new Error("Cannot seed: no contact");
  done(
    await victim.post("/api/sync/reports", {
      source: "device",
      name: "qxdevice",
      from: ago(40),
      to: ago(0, 10),
      errors: [{ code: "permission_denied", detail: "No qxerror" }],
    }),
    "a report",
  );
  const idempotency_key = "qxkey";
  const repeated = {
    events: [{
      ts: ago(11),
      number: first.number,
      type: "call",
      direction: "inbound",
      contact_name: "Qxkeyname",
    }],
  };
  done(await victim.post("/api/events", repeated, { "idempotency-key": idempotency_key }), "an answer kept");
  const asked = done(
    await victim.post("/api/nlq/query", {
      question: "How many calls with Qxhiddenname Vale in the last 30 days?",
    }),
    "a question",
  );
  const query: string = asked.body.data.id;
  const [known] = await db.query<{ answer_key: string }>(
    "select answer_key from public.nlq_queries where id = $1",
    [query],
  );
  if (!known?.answer_key) throw new Error("Cannot seed: the question has no answer kept");
  // One event she deleted: its identity stays.
  const { body } = await victim.get(`/api/events?contact_id=${first.contact_id}&type=call&limit=1`);
  done(await victim.call("DELETE", `/api/events/${body.data[0].id}`), "a deletion");
  if (await hasKeys()) {
    done(await victim.post("/api/keys", { name: "Qxkeyring", scopes: ["events:read"] }), "a key");
  }
  return {
    user_id: victim.id,
    organization_id,
    subjects: [first, ...others],
    ids: { line, query, imports: await importIds(victim) },
    idempotency_key,
    answer_key: known.answer_key,
    download_token: "",
    email: "qxmail@example.test",
    rows: {},
  };
}
