import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { createUser, testDatabase } from "../helpers/database.ts";

const WEEK = "2026-05-04";
const START = Date.parse(`${WEEK}T00:00:00Z`);
const HOUR = 3_600_000;
const MEMBERS = 9;
const NUMBERS = 14;
const PARTS = ["night", "morning", "afternoon", "evening"];
const KINDS = ["call_inbound", "call_outbound", "sms_inbound", "sms_outbound"];

/** One event of a generated week; `n` equal ones. */
interface Entry {
  readonly member: number;
  readonly hour: number;
  readonly kind: number;
  readonly number: number | null;
  readonly n: number;
  readonly seconds: number;
}

const entry: fc.Arbitrary<Entry> = fc.record({
  member: fc.integer({ min: 0, max: MEMBERS - 1 }),
  hour: fc.integer({ min: 0, max: 167 }),
  kind: fc.integer({ min: 0, max: 3 }),
  number: fc.option(fc.integer({ min: 0, max: NUMBERS - 1 }), { freq: 9 }),
  n: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 4 }) }, {
    weight: 1,
    arbitrary: fc.integer({ min: 20, max: 60 }),
  }),
  seconds: fc.integer({ min: 0, max: 4000 }),
});

/** Members who do the same at the same time, as people at work do: without them hardly a cell is safe. */
const habit = fc.tuple(
  fc.subarray([...Array(MEMBERS).keys()], { minLength: 4 }),
  entry,
).map(([members, one]) =>
  members.map((member, index) => ({
    ...one,
    member,
    number: (one.number ?? 0) % 3 === 0 ? one.number : index,
  }))
);

const organization = fc.record({
  log: fc.tuple(
    fc.array(entry, { maxLength: 40 }),
    fc.array(habit, { maxLength: 60, size: "max" }),
  ).map(([single, habits]) => [...single, ...habits.flat()]),
  zones: fc.array(fc.constantFrom("UTC", "Asia/Kathmandu", "America/New_York"), {
    minLength: MEMBERS,
    maxLength: MEMBERS,
  }),
  late: fc.option(fc.integer({ min: 0, max: MEMBERS - 1 })),
  unshared: fc.option(fc.integer({ min: 0, max: MEMBERS - 1 })),
  private_number: fc.option(fc.integer({ min: 0, max: NUMBERS - 1 })),
  masked_number: fc.option(fc.integer({ min: 0, max: NUMBERS - 1 })),
});
type Organization = typeof organization extends fc.Arbitrary<infer T> ? T : never;

interface Cell {
  day_part: string;
  kind: string;
  is_suppressed: boolean;
  events: number | null;
  talk_minutes: number | null;
}
interface Release {
  cells: Cell[];
  numbers: { hash: string; events: string }[];
}

class Team {
  private constructor(readonly db: Database, readonly id: string, readonly people: string[]) {}

  static async create(db: Database): Promise<Team> {
    const people = await Promise.all(
      Array.from({ length: MEMBERS }, (_, index) => createUser(db, `m${index}@example.test`)),
    );
    const [team] = await db.query<{ id: string }>(
      "insert into public.organizations (name, created_at) values ('T', '2026-01-01') returning id",
    );
    await db.query(
      `insert into public.org_members (organization_id, user_id, role) select $1, u, 'member' from unnest($2::uuid[]) as u`,
      [team?.id, people],
    );
    await db.query(
      `insert into public.contacts (user_id, id, name)
       select u, md5(u::text || n)::uuid, 'C' || n from unnest($1::uuid[]) as u cross join generate_series(0, $2::integer - 1) as n`,
      [people, NUMBERS],
    );
    return new Team(db, team?.id ?? "", people);
  }

  /** Makes the organisation what was generated. */
  async set(given: Organization): Promise<void> {
    const { db, people } = this;
    await db.query("delete from public.events");
    await db.query("delete from public.privacy_rules");
    await db.query(
      `update public.profiles as p set time_zone = z, do_not_share = ordinality - 1 is not distinct from $3
         from unnest($1::uuid[], $2::text[]) with ordinality as g (u, z, ordinality) where p.user_id = u`,
      [people, given.zones, given.unshared],
    );
    await db.query(
      `update public.org_members as m set joined_at = case when ordinality - 1 is not distinct from $2 then timestamptz '2026-05-05' else '2026-01-01' end
         from unnest($1::uuid[]) with ordinality as g (u, ordinality) where m.user_id = u`,
      [people, given.late],
    );
    await this.hide(given.private_number, "'private', false");
    await this.hide(given.masked_number, "'team', true");
    await this.log(given.log);
  }

  /** A rule of every member for this number. */
  async hide(number: number | null, rule: string): Promise<void> {
    await this.db.query(
      `insert into public.privacy_rules (user_id, contact_id, visibility, mask_number)
       select u, md5(u::text || $2)::uuid, ${rule} from unnest($1::uuid[]) as u where $2 is not null on conflict do nothing`,
      [this.people, number],
    );
  }

  async log(entries: readonly Entry[], weeks = 0): Promise<void> {
    await this.db.query(
      `insert into public.events (user_id, ts, number, contact_id, type, direction, duration, source, sources, fingerprint)
       select (e ->> 'user_id')::uuid, to_timestamp((e ->> 'ts')::numeric / 1000), e ->> 'number', md5((e ->> 'user_id') || (e ->> 'n_th'))::uuid,
         e ->> 'type', e ->> 'direction', (e ->> 'duration')::integer, 'device', '{device}', gen_random_uuid()
         from jsonb_array_elements($1::jsonb) as e cross join lateral generate_series(1, (e ->> 'n')::integer)`,
      [JSON.stringify(entries.map((one) => ({
        user_id: this.people[one.member],
        ts: START + one.hour * HOUR + weeks * 168 * HOUR,
        number: one.number === null ? null : `+4917000000${10 + one.number}`,
        n_th: one.number,
        type: one.kind < 2 ? "call" : "sms",
        direction: one.kind % 2 === 0 ? "inbound" : "outbound",
        duration: one.kind < 2 ? one.seconds : null,
        n: one.n,
      })))],
    );
  }

  async release(): Promise<Release> {
    const [row] = await this.db.query<{ release: Release }>("select private.dataset_of($1, $2) as release", [
      this.id,
      WEEK,
    ]);
    assert(row);
    return (row as { release: Release }).release;
  }
}

function partOf(hour: number, zone: string): number {
  const at = new Date(START + hour * HOUR).toLocaleString("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    hour12: false,
  });
  return Math.floor((Number.parseInt(at) % 24) / 6);
}

/** What counts of an organisation, by the words of the rule: leaf by leaf. */
function counted(given: Organization) {
  return given.log.filter((one) =>
    one.member !== given.late && one.member !== given.unshared &&
    (one.number === null || one.number !== given.private_number)
  ).map((one) => ({ ...one, leaf: 4 * partOf(one.hour, given.zones[one.member] ?? "UTC") + one.kind }));
}
type Counted = ReturnType<typeof counted>;

/** Whether a set of leaves tells of 5 members and 5 people at least, none of whom the second largest can work out. */
function isSafe(entries: Counted, leaves: number): boolean {
  const inside = entries.filter(({ leaf }) => (leaves >> leaf) & 1);
  const events = new Map<number, number>();
  const seconds = new Map<number, number>();
  for (const one of inside) {
    events.set(one.member, (events.get(one.member) ?? 0) + one.n);
    seconds.set(one.member, (seconds.get(one.member) ?? 0) + (one.kind < 2 ? one.seconds * one.n : 0));
  }
  const isHidden = (sums: Map<number, number>) => {
    const [largest = 0, second = 0, ...rest] = [...sums.values()].toSorted((a, b) => b - a);
    void second;
    return rest.reduce((sum, value) => sum + value, 0) >= largest / 10;
  };
  return events.size >= 5 && isHidden(events) && isHidden(seconds) &&
    new Set(inside.map(({ number }) => number).filter((number) => number !== null)).size >= 5;
}

/** The leaves of a cell, a bit each. */
function leavesOf({ day_part, kind }: Cell): number {
  let leaves = 0;
  for (let leaf = 0; leaf < 16; leaf++) {
    if (
      (day_part === "all" || PARTS[leaf >> 2] === day_part) && (kind === "all" || KINDS[leaf & 3] === kind)
    ) leaves |= 1 << leaf;
  }
  return leaves;
}

/**
 * Every set of leaves whose sum can be computed from the published sums, by linear algebra and not by the tree: those
 * whose indicator lies in the row space of the published indicators.
 */
function* derivable(published: readonly number[]): Generator<number> {
  const rows: { pivot: number; row: number[] }[] = [];
  const reduce = (vector: number[]) => {
    for (const { pivot, row } of rows) {
      const factor = vector[pivot] as number;
      if (factor !== 0) {
        vector.forEach((value, index) => vector[index] = value - factor * (row[index] as number));
      }
    }
    return vector;
  };
  const indicator = (leaves: number) => Array.from({ length: 16 }, (_, leaf) => (leaves >> leaf) & 1);
  for (const leaves of published) {
    const vector = reduce(indicator(leaves));
    const pivot = vector.findIndex((value) => Math.abs(value) > 1e-9);
    if (pivot < 0) continue;
    const scale = vector[pivot] as number;
    const row = vector.map((value) => value / scale);
    for (const other of rows) {
      const factor = other.row[pivot] as number;
      other.row = other.row.map((value, index) => value - factor * (row[index] as number));
    }
    rows.push({ pivot, row });
  }
  for (let leaves = 1; leaves < 1 << 16; leaves++) {
    if (reduce(indicator(leaves)).every((value) => Math.abs(value) < 1e-9)) yield leaves;
  }
}

const runs = { numRuns: Number(Deno.env.get("ORACLE_RUNS") ?? 25) };

Deno.test("The dataset tells true sums, and nothing can be computed from it of fewer than five", async () => {
  const db = await testDatabase();
  let told = 0;
  try {
    const team = await Team.create(db);
    await fc.assert(
      fc.asyncProperty(organization, async (given) => {
        await team.set(given);
        const { cells, numbers } = await team.release();
        const entries = counted(given);
        assertEquals(cells.length, 21);
        const published: number[] = [];
        for (const cell of cells) {
          assertEquals([cell.events, cell.talk_minutes].map((figure) => figure === null), [
            cell.is_suppressed,
            cell.is_suppressed,
          ]);
          if (cell.is_suppressed) continue;
          const leaves = leavesOf(cell);
          const inside = entries.filter(({ leaf }) => (leaves >> leaf) & 1);
          const seconds = inside.reduce((sum, one) => sum + (one.kind < 2 ? one.n * one.seconds : 0), 0);
          assertEquals([cell.events, cell.talk_minutes], [
            inside.reduce((sum, one) => sum + one.n, 0),
            Math.round(seconds / 60),
          ]);
          published.push(leaves);
        }
        told += published.length;
        for (const leaves of derivable(published)) {
          assert(isSafe(entries, leaves), `Leaves ${leaves.toString(2)}`);
        }
        // It is not safe by telling nothing.
        assertEquals(published.length > 0, isSafe(entries, 0xffff));

        const knownTo = new Map<number, Set<number>>();
        for (const { number, member } of entries) {
          if (number === null || number === given.masked_number) continue;
          knownTo.set(number, (knownTo.get(number) ?? new Set()).add(member));
        }
        assert(numbers.length <= [...knownTo.values()].filter((members) => members.size >= 5).length);
        assert(!JSON.stringify(numbers).includes("4917000000"));
      }),
      runs,
    );
    assert(told > runs.numRuns, `Only ${told} cells were told`);
  } finally {
    await db.close();
  }
});

Deno.test("Private contacts, who does not share and who came late change nothing in the dataset", async () => {
  const db = await testDatabase();
  try {
    const team = await Team.create(db);
    await fc.assert(
      fc.asyncProperty(
        organization,
        fc.integer({ min: 0, max: MEMBERS - 1 }),
        fc.array(entry, { minLength: 1, maxLength: 20 }),
        async (given, outsider, more) => {
          const hidden = { ...given, unshared: outsider, private_number: given.private_number ?? 0 };
          await team.set(hidden);
          const before = await team.release();
          await team.log(more.map((one) => ({ ...one, member: outsider })));
          await team.log(more.map((one) => ({ ...one, number: hidden.private_number })));
          if (hidden.late !== null) {
            await team.log(more.map((one) => ({ ...one, member: hidden.late as number })));
          }
          // What happens in another week is of another release.
          await team.log(more, 1);
          await team.log(more, -1);
          assertEquals(await team.release(), before);
        },
      ),
      runs,
    );
  } finally {
    await db.close();
  }
});

Deno.test("A release stays as it is when one member, contact or event more or less is there", async () => {
  const db = await testDatabase();
  try {
    const team = await Team.create(db);
    const change = fc.constantFrom(
      "member leaves",
      "member hides",
      "contact hidden",
      "event deleted",
      "event added",
      "member erased",
    );
    // The job releases the last week that was over two days ago.
    const [{ week, shift }] = await db.query<{ week: string; shift: number }>(
      `select w::text as week, ((w - date '${WEEK}') / 7)::integer as shift
         from (select (date_trunc('week', (now() - interval '2 days') at time zone 'UTC') - interval '7 days')::date as w) as w`,
    ) as [{ week: string; shift: number }];
    const stored = async () =>
      await db.query(
        "select release from private.dataset_releases where organization_id = $1 and week = $2",
        [team.id, week],
      );
    await fc.assert(
      fc.asyncProperty(
        organization,
        change,
        fc.integer({ min: 0, max: MEMBERS - 1 }),
        entry,
        async (given, kind, member, one) => {
          await team.set({ ...given, log: [], late: null });
          await db.query("delete from private.dataset_releases");
          await team.log(given.log, shift);
          await db.query("select private.job_dataset(clock_timestamp() + interval '10 seconds')");
          const before = await stored();
          assertEquals(before.length, 1);
          const user_id = team.people[member];
          if (kind === "member leaves") {
            await db.query("delete from public.org_members where user_id = $1", [user_id]);
          } else if (kind === "member hides") {
            await db.query("update public.profiles set do_not_share = not do_not_share where user_id = $1", [
              user_id,
            ]);
          } else if (kind === "contact hidden") await team.hide(one.number, "'private', false");
          else if (kind === "event deleted") {
            await db.query(
              "delete from public.events where id = (select id from public.events where user_id = $1 limit 1)",
              [user_id],
            );
          } else if (kind === "event added") await team.log([{ ...one, member }], shift);
          else await db.query("delete from public.events where user_id = $1", [user_id]);
          await db.query("select private.job_dataset(clock_timestamp() + interval '10 seconds')");
          assertEquals(await stored(), before);
          await db.query(
            "insert into public.org_members (organization_id, user_id, role) values ($1, $2, 'member') on conflict do nothing",
            [team.id, user_id],
          );
        },
      ),
      { numRuns: 12 },
    );
  } finally {
    await db.close();
  }
});
