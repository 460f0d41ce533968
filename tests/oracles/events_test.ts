import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

/** An event of the oracle; `minute` from 1 May 2026, UTC, over some 70 days, so that totals take months and days. */
interface Row {
  readonly minute: number;
  readonly changed: number;
  readonly person: number | null;
  readonly is_call: boolean;
  readonly inbound: boolean;
  readonly status: number;
  readonly duration: number | null;
  readonly from_device: boolean;
}

interface Filter {
  readonly starts_at?: string;
  readonly ends_at?: string;
  readonly contact_id?: string;
  readonly number?: string;
  readonly type?: string;
  readonly direction?: string;
  readonly status?: string;
  readonly source?: string;
  readonly min_duration?: number;
  readonly updated_since?: string;
}

interface Page {
  readonly events: { id: string; ts: string; number: string | null }[];
  readonly has_more: boolean;
  readonly total: number;
  readonly total_is_estimate: boolean;
}

const START = Date.UTC(2026, 4, 1);
const STATUSES = [["received", "sent", "failed"], ["answered", "missed", "declined"]];
const at = (minute: number) => new Date(START + minute * 60_000).toISOString();
const idOf = (owner: string, n: number) => `${owner.slice(0, 24)}${String(n).padStart(12, "0")}`;
const statusOf = (row: Row) => STATUSES[Number(row.is_call)]?.[row.status] ?? "";
const numberOf = (person: number | null) => person === null ? null : `+493000${person}`;

const minute = fc.integer({ min: 0, max: 100_000 });
const row: fc.Arbitrary<Row> = fc.record({
  minute: fc.oneof(minute, fc.constantFrom(0, 1439, 1440, 44_640)),
  changed: fc.nat(50),
  person: fc.option(fc.nat(2)),
  is_call: fc.boolean(),
  inbound: fc.boolean(),
  status: fc.nat(2),
  duration: fc.option(fc.nat(100)),
  from_device: fc.boolean(),
});
const filter = fc.record({
  window: fc.tuple(minute, minute).filter(([a, b]) => a !== b).map((w) => w.toSorted((a, b) => a - b)),
  person: fc.nat(2),
  number: fc.nat(2),
  type: fc.constantFrom("call", "sms"),
  direction: fc.constantFrom("inbound", "outbound"),
  status: fc.constantFrom(...STATUSES.flat()),
  source: fc.constantFrom("device", "backup"),
  min_duration: fc.nat(100),
  changed: fc.nat(50),
}, { requiredKeys: [] });

/** What a teammate sees of the three people: the first in full, no number of the second, nothing of the third. */
function isShown(row: Row): boolean {
  return row.person !== 2;
}

Deno.test("Pages and totals are those of a filter over all rows, for the owner and for a teammate", async () => {
  const db = await testDatabase();
  const watcher = await createUser(db, "watcher@oracle.test");
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 30 }),
        filter,
        fc.constantFrom("desc", "asc"),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        async (rows, asked, sort, max_rows, by_teammate) => {
          const owner = await createUser(db, `${crypto.randomUUID()}@oracle.test`);
          await db.query(
            `with org as (insert into public.organizations (name) values ('Oracle') returning id)
             insert into public.org_members (organization_id, user_id, role)
             select org.id, who, 'member' from org cross join unnest($1::uuid[]) as who`,
            [[owner, watcher]],
          );
          const people = [0, 1, 2].map((n) => idOf(owner, 1000 + n));
          await db.query(
            "insert into public.contacts (user_id, id) select $1::uuid, id from unnest($2::uuid[]) as id",
            [owner, people],
          );
          await db.query(
            `insert into public.privacy_rules (user_id, contact_id, visibility, mask_number)
             values ($1::uuid, $2::uuid, 'team', true), ($1::uuid, $3::uuid, 'private', false)`,
            [owner, people[1], people[2]],
          );
          await db.query(
            `insert into public.events (user_id, id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint, updated_at)
             select $1::uuid, r.id, r.ts, r.number, r.contact_id, r.type, r.direction, r.status, r.duration, r.source, '{device}', r.id, r.updated_at
               from jsonb_to_recordset($2::jsonb) as r (id uuid, ts timestamptz, number text, contact_id uuid, type text, direction text,
                 status text, duration integer, source text, updated_at timestamptz)`,
            [
              owner,
              JSON.stringify(rows.map((r, n) => ({
                id: idOf(owner, n),
                ts: at(r.minute),
                number: numberOf(r.person),
                contact_id: r.person === null ? null : people[r.person],
                type: r.is_call ? "call" : "sms",
                direction: r.inbound ? "inbound" : "outbound",
                status: statusOf(r),
                duration: r.is_call ? r.duration : null,
                source: r.from_device ? "device" : "backup",
                updated_at: at(r.changed),
              }))),
            ],
          );
          const { window, person, number, changed, ...plain } = asked;
          const contact_id = person === undefined ? undefined : people[person];
          const named = numberOf(number ?? null);
          const filters: Filter = {
            ...plain,
            ...(window && { starts_at: at(window[0] ?? 0), ends_at: at(window[1] ?? 0) }),
            ...(contact_id && { contact_id }),
            ...(named && { number: named }),
            ...(changed !== undefined && { updated_since: at(changed) }),
          };
          const expected = rows.map((r, n) => ({ ...r, n, key: `${at(r.minute)} ${idOf(owner, n)}` }))
            .filter((r) =>
              (!by_teammate || isShown(r)) &&
              (!window || (r.minute >= (window[0] ?? 0) && r.minute < (window[1] ?? 0))) &&
              (person === undefined || r.person === person) &&
              (number === undefined || (r.person === number && !(by_teammate && number === 1))) &&
              (plain.type === undefined || (plain.type === "call") === r.is_call) &&
              (plain.direction === undefined || (plain.direction === "inbound") === r.inbound) &&
              (plain.status === undefined || plain.status === statusOf(r)) &&
              (plain.source === undefined || (plain.source === "device") === r.from_device) &&
              (plain.min_duration === undefined ||
                (r.is_call && r.duration !== null && r.duration >= plain.min_duration)) &&
              (changed === undefined || r.changed >= changed)
            )
            .toSorted((a, b) => (a.key < b.key ? -1 : 1) * (sort === "asc" ? 1 : -1));

          const reader = by_teammate ? watcher : owner;
          const read = (place: Record<string, unknown>) =>
            asUser(db, reader, async (session) => {
              const args = { ...filters, user_id: owner, sort, max_rows, ...place };
              const names = Object.keys(args);
              const [answer] = await session.query<{ page: Page }>(
                `select public.get_filtered_events(${
                  names.map((name, i) => `${name} => $${i + 1}`).join(", ")
                }) as page`,
                Object.values(args),
              );
              if (!answer) throw new Error("Cannot read the page");
              assertEquals([answer.page.total, answer.page.total_is_estimate], [expected.length, false]);
              return answer.page;
            });
          const found: string[] = [];
          for (let page = await read({});;) {
            found.push(...page.events.map(({ id }) => id));
            const last = page.events.at(-1);
            if (!page.has_more || !last) break;
            page = await read({ cursor_ts: last.ts, cursor_id: last.id });
          }
          assertEquals(found, expected.map(({ n }) => idOf(owner, n)));
        },
      ),
      { numRuns: 60 },
    );
  } finally {
    await db.close();
  }
});

Deno.test({
  name: "A change that is committed after a client asked is told in its next round",
  // PGlite has one connection, so nothing is ever uncommitted there while another reads.
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const db = await testDatabase();
    try {
      const owner = await createUser(db, "slow@oracle.test");
      const changes = (since: string) =>
        asUser(db, owner, async (session) => {
          const [answer] = await session.query<{ page: { events: { id: string }[]; sync_until: string } }>(
            "select public.get_filtered_events(updated_since => $1, max_rows => 200) as page",
            [since],
          );
          if (!answer) throw new Error("Cannot read the changes");
          return answer.page;
        });
      const log = (ts: string, session: { query: typeof db.query }) =>
        session.query(
          `select public.ingest_events(jsonb_build_array(jsonb_build_object('ts', $1::text, 'type', 'call', 'direction', 'inbound')))`,
          [ts],
        );
      let first: Awaited<ReturnType<typeof changes>> | undefined;
      await asUser(db, owner, async (session) => {
        await log(at(1), session);
        first = await changes(at(0));
      });
      assertEquals(first?.events, []);
      await asUser(db, owner, (session) => log(at(2), session));
      assertEquals((await changes(first?.sync_until ?? "")).events.length, 2);
    } finally {
      await db.close();
    }
  },
});
