import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";
import { inOrder, logs, type RawEvent, writeLog } from "./contact_log.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SINCE = Date.parse("2026-05-01T00:00:00Z");

interface Mutual {
  count: number;
  adamic_adar: number;
  contacts: { contact_id: string; owners: number }[];
}
interface Answer {
  known_by: { user_id: string; contact_id: string; events: number; mutual: Mutual }[];
  together: { contact_id: string; support: number; expected: number; lift: number }[];
}

async function relationships(
  db: Database,
  user_id: string,
  contact_id: string,
  from: number,
  to: number,
): Promise<Answer> {
  const [row] = await asUser(
    db,
    user_id,
    (session) =>
      session.query<{ answer: Answer }>("select public.get_contact_relationships($1, $2, $3) as answer", [
        contact_id,
        new Date(from).toISOString(),
        new Date(to).toISOString(),
      ]),
  );
  if (!row) throw new Error("Cannot read the answer");
  return row.answer;
}

/** How a member keeps a number: as a contact with so many events, under a rule. */
interface Holding {
  readonly events: number;
  readonly rule: "none" | "team" | "public" | "private" | "masked";
}
type Phonebook = ReadonlyMap<number, Holding>;

const NUMBERS = 6;
const phonebook: fc.Arbitrary<Phonebook> = fc.uniqueArray(
  fc.tuple(
    fc.integer({ min: 0, max: NUMBERS - 1 }),
    fc.record({
      events: fc.constantFrom(0, 1, 2, 5),
      rule: fc.constantFrom(
        "none" as const,
        "none" as const,
        "team" as const,
        "public" as const,
        "private" as const,
        "masked" as const,
      ),
    }),
  ),
  { selector: ([number]) => number, maxLength: NUMBERS },
).map((entries) => new Map(entries));

const numberOf = (n: number) => `+44770090${String(n).padStart(4, "0")}`;

/** Adds a member with this phone book; contact ids by number. */
async function addMember(
  db: Database,
  organization: string,
  book: Phonebook,
): Promise<{ id: string; contacts: Map<number, string> }> {
  const id = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
  await db.query(
    "insert into public.org_members (organization_id, user_id, role) values ($1, $2, 'member')",
    [organization, id],
  );
  const contacts = new Map<number, string>();
  for (const [number, { events, rule }] of book) {
    const contact = crypto.randomUUID();
    contacts.set(number, contact);
    await db.query("insert into public.contacts (user_id, id) values ($1, $2)", [id, contact]);
    await db.query("insert into public.contact_numbers (user_id, number, contact_id) values ($1, $2, $3)", [
      id,
      numberOf(number),
      contact,
    ]);
    await db.query(
      `insert into public.events (user_id, ts, number, contact_id, type, direction, source, sources, fingerprint)
       select $1, timestamptz '2026-05-01' + n * interval '1 day', $2, $3, 'sms', 'inbound', 'device', '{device}', gen_random_uuid()
         from generate_series(1, $4::integer) as n`,
      [id, numberOf(number), contact, events],
    );
    if (rule !== "none") {
      await db.query(
        "insert into public.privacy_rules (user_id, contact_id, visibility, mask_number) values ($1, $2, $3, $4)",
        [
          id,
          contact,
          rule === "masked" ? "team" : rule,
          rule === "masked",
        ],
      );
    }
  }
  return { id, contacts };
}

const shown = (holding: Holding | undefined) =>
  holding !== undefined && holding.events > 0 && holding.rule !== "private" && holding.rule !== "masked";

Deno.test("Who knows a person, and what is shared, is what the rules of each let the asker see", async () => {
  const db = await testDatabase();
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(phonebook, { minLength: 2, maxLength: 5 }), async (books) => {
        const [organization] = await db.query<{ id: string }>(
          "insert into public.organizations (name) values ('Test') returning id",
        );
        const members = [];
        for (const book of books) members.push(await addMember(db, organization?.id ?? "", book));
        const [me, ...others] = members;
        const [my_book = new Map<number, Holding>(), ...other_books] = books;
        if (!me) throw new Error("Cannot find the asker");
        const owners = (number: number) => 1 + other_books.filter((book) => shown(book.get(number))).length;
        for (const [subject, contact_id] of me.contacts) {
          const answer = await relationships(db, me.id, contact_id, SINCE, SINCE + 30 * DAY);
          const knowing = others.flatMap((member, i) =>
            shown(other_books[i]?.get(subject)) ? [{ member, book: other_books[i] }] : []
          );
          assertEquals(
            new Set(answer.known_by.map(({ user_id }) => user_id)),
            new Set([
              ...knowing.map(({ member }) => member.id),
              ...((my_book.get(subject)?.events ?? 0) > 0 ? [me.id] : []),
            ]),
          );
          for (const { member, book } of knowing) {
            const shared = [...my_book].filter(([number, { events }]) =>
              number !== subject && events > 0 && shown(book?.get(number)) &&
              (owners(number) <= 3 || owners(number) <= books.length / 2)
            ).map(([number]) => number);
            const found = answer.known_by.find(({ user_id }) => user_id === member.id)?.mutual;
            assertEquals(
              new Map(found?.contacts?.map(({ contact_id, owners }) => [contact_id, owners])),
              new Map(shared.map((number) => [me.contacts.get(number) ?? "", owners(number)])),
            );
            assertEquals(found?.count, shared.length);
            assertAlmostEquals(
              found?.adamic_adar ?? NaN,
              shared.reduce((sum, number) => sum + 1 / Math.log(owners(number) + 1), 0),
              1e-4,
            );
          }
          const events = answer.known_by.map(({ events }) => events);
          assertEquals(events, [...events].sort((a, b) => b - a));
        }
      }),
      { numRuns: 40 },
    );
  } finally {
    await db.close();
  }
});

function sessionsOf(events: readonly RawEvent[]): number[] {
  const times = inOrder(events).map(({ ts }) => ts);
  return times.filter((ts, i) => i === 0 || ts - (times[i - 1] ?? 0) > HOUR);
}

/** P(X >= k) of a Poisson variable. */
function poissonTail(k: number, mean: number): number {
  let [term, below] = [Math.exp(-mean), 0];
  for (let i = 0; i < k; i++) {
    below += term;
    term *= mean / (i + 1);
  }
  return 1 - below;
}

Deno.test("Contacts that occur together are those the long way finds", async () => {
  const db = await testDatabase();
  try {
    let met = 0;
    await fc.assert(
      fc.asyncProperty(logs(3, 8), fc.integer({ min: 1, max: 30 }), async (log, pairs) => {
        const start = log[0]?.ts ?? SINCE;
        // Pairs of sessions of the first two contacts, so that there is something to find.
        const planted = Array.from({ length: pairs }, (_, k) =>
          [0, 1].map((contact) => ({
            id: crypto.randomUUID(),
            ts: start + k * 7 * HOUR + contact * 1_500_000,
            contact,
            type: "sms" as const,
            direction: "inbound" as const,
            status: null,
            duration: null,
          }))).flat();
        // An event of nobody in each hour, so that the two are rare among the hours of the log.
        const filler = Array.from({ length: 200 }, (_, k) => ({
          id: crypto.randomUUID(),
          ts: start - 60 * HOUR + k * HOUR,
          contact: null,
          type: "sms" as const,
          direction: "inbound" as const,
          status: null,
          duration: null,
        }));
        const all = [...log, ...planted, ...filler];
        const { user_id, contact_ids } = await writeLog(db, all, 3);
        const [from, to] = [start - 5 * DAY, start + 9 * DAY];
        const answer = await relationships(db, user_id, contact_ids[0] ?? "", from, to);
        const seen = all.filter(({ ts }) => ts >= from && ts < to);
        const waking = new Set(seen.map(({ ts }) => Math.floor(ts / HOUR))).size;
        const own = sessionsOf(seen.filter(({ contact }) => contact === 0));
        const wanted = [1, 2].flatMap((contact) => {
          const others = sessionsOf(seen.filter((event) => event.contact === contact));
          const support = own.filter((ts) => others.some((other) => Math.abs(other - ts) <= HOUR)).length;
          const expected = own.length * (1 - Math.exp(-2 * others.length / waking));
          const found = support >= 3 && support / expected >= 1.5 && poissonTail(support, expected) < 0.01;
          return found ? [{ contact_id: contact_ids[contact], support, expected }] : [];
        });
        met += wanted.length;
        assertEquals(
          new Map(answer.together.map(({ contact_id, support }) => [contact_id, support])),
          new Map(wanted.map(({ contact_id, support }) => [contact_id ?? "", support])),
        );
        for (const { contact_id, support, expected } of wanted) {
          const found = answer.together.find((entry) => entry.contact_id === contact_id);
          assertAlmostEquals(found?.expected ?? NaN, expected, 0.006);
          assertAlmostEquals(found?.lift ?? NaN, support / expected, 0.006);
        }
      }),
      { numRuns: 60 },
    );
    assertEquals(met > 5, true);
  } finally {
    await db.close();
  }
});
