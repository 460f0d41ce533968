import { assert, assertEquals } from "@std/assert";
import { Cron } from "croner";
import fc from "fast-check";
import { testDatabase } from "../helpers/database.ts";

/** A value, a range, a step or a list of these, as crontab(5) has them. */
function field(lowest: number, highest: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: lowest, max: highest });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.tuple(fc.oneof(fc.constant("*"), range), fc.integer({ min: 1, max: Math.min(15, highest) }))
    .map(([from, by]) => `${from}/${by}`);
  const part = fc.oneof(value.map(String), range, step);
  return fc.oneof(
    { arbitrary: fc.constant("*"), weight: 2 },
    part,
    fc.array(part, { minLength: 2, maxLength: 3 }).map((parts) => parts.join(",")),
  );
}

// A day field that begins with a star is read in as many ways as there are programs, so it is a star or has none.
const day = (lowest: number, highest: number) =>
  field(lowest, highest).map((text) => text.includes("*") ? "*" : text);

const cron = fc.tuple(field(0, 59), field(0, 23), day(1, 31), field(1, 12), day(0, 7)).map((parts) =>
  parts.join(" ")
);

// Where clocks are not changed: what happens when they are is stated apart, in jobs.test.sql.
const zone = fc.constantFrom("UTC", "Asia/Kathmandu", "America/Phoenix", "Asia/Tokyo", "Pacific/Kiritimati");

const moment = fc.integer({
  min: Date.parse("2024-01-01T00:00:00Z") / 1000,
  max: Date.parse("2028-12-31T00:00:00Z") / 1000,
});

Deno.test("A job was last due when croner says, in any zone", async () => {
  const db = await testDatabase();
  try {
    let due_at_all = 0;
    await fc.assert(
      fc.asyncProperty(cron, zone, moment, async (expression, time_zone, seconds) => {
        const now = new Date(seconds * 1000);
        const [row] = await db.query<{ due: string | null }>(
          "select private.last_due($1, $2, $3)::timestamptz as due",
          [expression, time_zone, now.toISOString()],
        );
        const schedule = new Cron(expression, { timezone: time_zone, paused: true });
        const due = row?.due ? new Date(row.due) : null;
        const year_ago = new Date(now.getTime() - 365 * 86_400_000);
        const expected_next = schedule.nextRun(due ?? year_ago);
        assert(
          expected_next === null || expected_next > now,
          `${expression} was due again at ${expected_next?.toISOString()}`,
        );
        if (due === null) return;
        due_at_all++;
        assert(due <= now);
        assertEquals(schedule.nextRun(new Date(due.getTime() - 1000))?.toISOString(), due.toISOString());
      }),
      { numRuns: 500 },
    );
    assert(due_at_all > 300);
  } finally {
    await db.close();
  }
});
