import { assert, assertEquals } from "@std/assert";
import type { Database } from "../../dev/database.ts";
import { generateDemo } from "../../dev/demo/population.ts";
import { seedUser } from "../../dev/demo/seed_user.ts";
import type { DemoStory } from "../../dev/demo/types.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const demo = generateDemo("2026-11-22");

interface Gap {
  readonly start: string;
  readonly end: string;
  readonly verdict: string;
  readonly channel: string;
}

interface Anomaly {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
}

function story(kind: DemoStory["kind"]): DemoStory {
  const [found] = demo.stories.filter((story) => story.kind === kind);
  if (!found) throw new Error(`Cannot find a ${kind}`);
  return found;
}

async function seed(db: Database): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const [organization] = await db.query<{ id: string }>(
    "insert into public.organizations (name) values ('Demo') returning id",
  );
  for (const user of demo.users) {
    const id = await createUser(db, user.email);
    ids.set(user.email, id);
    if (user.role !== null) {
      await db.query(
        "insert into public.org_members (organization_id, user_id, role) values ($1, $2, $3)",
        [organization?.id, id, user.role],
      );
    }
    await db.transaction((transaction) => seedUser(transaction, id, user));
  }
  return ids;
}

Deno.test("Of the demo's year the detectors tell what was planted, and little else", async (t) => {
  const db = await testDatabase();
  try {
    const ids = await seed(db);
    const ask = <T>(email: string, name: string): Promise<T> =>
      asUser(db, ids.get(email) ?? "", async (session) => {
        const [row] = await session.query<{ answer: T }>(
          `select public.${name}($1::timestamptz, $2::timestamptz) as answer`,
          [new Date(Date.parse(demo.to) - 399 * 86_400_000).toISOString(), demo.to],
        );
        if (!row) throw new Error(`Cannot ask ${name}`);
        return row.answer;
      });

    await t.step(
      "The gap of the member and the channel gap of the admin are proven, to the minute",
      async () => {
        for (const [kind, channel] of [["gap", "all"], ["channel_gap", "sms"]] as const) {
          const { email, from, to } = story(kind);
          const { gaps } = await ask<{ gaps: Gap[] }>(email, "detect_data_gaps");
          const told = gaps.filter(({ verdict }) => verdict !== "quiet");
          assertEquals(
            told.map((gap) => [gap.verdict, gap.channel, Date.parse(gap.start), Date.parse(gap.end)]),
            [["proven", channel, Date.parse(from), Date.parse(to)]],
          );
        }
      },
    );

    await t.step("Nobody else has a gap, on holiday or not", async () => {
      const holed = [story("gap").email, story("channel_gap").email];
      for (const { email } of demo.users.filter(({ email }) => !holed.includes(email))) {
        const { gaps } = await ask<{ gaps: Gap[] }>(email, "detect_data_gaps");
        assertEquals(gaps.filter(({ verdict }) => verdict !== "quiet"), [], email);
      }
    });

    await t.step("The owner's spike and the analyst's long call are anomalies of their days", async () => {
      for (const [kind, anomaly] of [["spike", "volume"], ["long_call", "duration"]] as const) {
        const { email, from } = story(kind);
        const { anomalies } = await ask<{ anomalies: Anomaly[] }>(email, "detect_anomalies");
        const told = anomalies.filter((found) =>
          found.kind === anomaly && Date.parse(found.from) <= Date.parse(from) &&
          Date.parse(from) < Date.parse(found.to)
        );
        assert(told.length > 0, JSON.stringify(anomalies));
      }
    });

    await t.step("Anomalies come about as seldom as was asked for", async () => {
      let [told, days] = [0, 0];
      for (const { email } of demo.users) {
        const answer = await ask<{ anomalies: Anomaly[]; days_judged: number }>(email, "detect_anomalies");
        told += new Set(answer.anomalies.map(({ from }) => from)).size;
        days += answer.days_judged;
      }
      assert(told <= 1.5 * days / 60, `${told} days in ${days}`);
    });
  } finally {
    await db.close();
  }
});
