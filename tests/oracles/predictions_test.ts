import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { asUser, testDatabase } from "../helpers/database.ts";
import { localTime, logs, type RawEvent, writeLog, ZONES } from "./contact_log.ts";

const DAY = 86_400_000;
const HORIZONS = [1, 7, 14, 28];

interface Prediction {
  contact_id: string;
  probability: number;
  probabilities: Record<string, number>;
  expected_at: string | null;
  likely: { weekday: number; hour: number; share: number };
  reasons: { effect: number }[];
}

interface Answer {
  predictions: Prediction[];
  total: number;
  has_more: boolean;
}

async function coefficients(db: Database): Promise<number[][]> {
  const rows = await db.query<{ b: number[] }>(
    "select array[intercept, recency, rhythm, silence] as b from private.prediction_coefficients order by horizon_days",
  );
  return rows.map(({ b }) => b);
}

async function predict(db: Database, user_id: string, args: Record<string, unknown>): Promise<Answer> {
  const names = Object.keys(args);
  const call = names.map((name, i) => `${name} => $${i + 1}`).join(", ");
  const [row] = await asUser(
    db,
    user_id,
    (session) =>
      session.query<{ answer: Answer }>(
        `select public.predict_interactions(${call}) as answer`,
        Object.values(args) as never,
      ),
  );
  if (!row) throw new Error("Cannot read the answer");
  return row.answer;
}

/** The four probabilities of a contact, the long way; undefined without an event before `at`. */
function expected(log: readonly RawEvent[], contact: number, at: number, weights: readonly number[][]) {
  const own = log.filter((event) => event.contact === contact && event.ts < at).map(({ ts }) => ts);
  if (own.length === 0) return undefined;
  const first = Math.min(...log.filter((event) => event.contact !== null).map(({ ts }) => ts));
  let [active, observed] = [0, 0];
  for (let day = Math.floor(at / DAY) - 89; day <= Math.floor(at / DAY); day++) {
    if (day < Math.floor(first / DAY)) continue;
    const weight = 2 ** (-(at / DAY - day) / 28);
    observed += weight;
    if (own.some((ts) => Math.floor(ts / DAY) === day)) active += weight;
  }
  const elapsed = (at - Math.max(...own)) / DAY;
  const q = (active + 1) / (Math.max(observed, active) + 2);
  let floor = 0.0001;
  return HORIZONS.map((h, i) => {
    const terms = [
      1,
      Math.log(elapsed + 0.05),
      Math.log((1 - q) ** -Math.sqrt(h) - 1),
      Math.log(Math.max(elapsed, 14) / 14),
    ];
    const odds = terms.reduce((sum, term, j) => sum + term * (weights[i]?.[j] ?? NaN), 0);
    return floor = Math.min(Math.max(floor, 1 / (1 + Math.exp(-odds))), 0.9999);
  });
}

/** When the probability reaches one half: the hazard runs straight between the horizons. */
function halfTime(probabilities: readonly number[]): number | undefined {
  const points = [[0, 0], ...HORIZONS.map((h, i) => [h, -Math.log(1 - (probabilities[i] ?? 0))])];
  for (let i = 1; i < points.length; i++) {
    const [[t0 = 0, z0 = 0], [t1 = 0, z1 = 0]] = [points[i - 1] ?? [], points[i] ?? []];
    if (z0 < Math.LN2 && z1 >= Math.LN2) return t0 + (t1 - t0) * (Math.LN2 - z0) / (z1 - z0);
  }
  return undefined;
}

Deno.test("predict_interactions says what its formula says, for every contact and moment", async () => {
  const db = await testDatabase();
  try {
    const weights = await coefficients(db);
    await fc.assert(
      fc.asyncProperty(
        logs(3, 60),
        fc.integer({ min: -40, max: 100 }),
        fc.constantFrom(...ZONES),
        async (log, offset, zone) => {
          const { user_id, contact_ids } = await writeLog(db, log, 3);
          const at = (log[0]?.ts ?? Date.parse("2026-05-01")) + offset * DAY + 1234_000;
          const answer = await predict(db, user_id, {
            as_of: new Date(at).toISOString(),
            time_zone: zone,
            horizon: 14,
          });
          const wanted = contact_ids.flatMap((id, i) => {
            const probabilities = expected(log, i, at, weights);
            return probabilities ? [{ id, i, probabilities }] : [];
          });
          assertEquals(answer.total, wanted.length);
          assertEquals(
            new Set(answer.predictions.map(({ contact_id }) => contact_id)),
            new Set(wanted.map(({ id }) => id)),
          );
          for (const { id, i, probabilities } of wanted) {
            const found = answer.predictions.find(({ contact_id }) => contact_id === id);
            if (!found) throw new Error(`Cannot find ${id}`);
            HORIZONS.forEach((h, k) =>
              assertAlmostEquals(found.probabilities[h] ?? NaN, probabilities[k] ?? NaN, 6e-5)
            );
            const half = halfTime(HORIZONS.map((h) => found.probabilities[h] ?? NaN));
            if (half === undefined) assertEquals(found.expected_at, null);
            else assertAlmostEquals(Date.parse(found.expected_at ?? ""), at + half * DAY, 61_000);
            const recent = log.filter(({ contact, ts }) => contact === i && ts < at);
            const hours = new Set(recent.map(({ ts }) => JSON.stringify(localTime(ts, zone))));
            const counts = Map.groupBy(
              [...hours].map((hour) => JSON.parse(hour)),
              ({ weekday, hour }) => `${weekday} ${hour}`,
            );
            const most = Math.max(...[...counts.values()].map(({ length }) => length));
            const likeliest = counts.get(`${found.likely.weekday} ${found.likely.hour}`)?.length ?? 0;
            // The owner's habits weigh 20 hours, spread over the week: they may turn a small lead, not a large one.
            assert(likeliest + 20 > most);
            assert(found.likely.share * (hours.size + 20) >= likeliest - 0.01);
          }
          const order = answer.predictions.map(({ probability }) => probability);
          assertEquals(order, [...order].sort((a, b) => b - a));
        },
      ),
      { numRuns: 60 },
    );
  } finally {
    await db.close();
  }
});

Deno.test("Pages of predictions lead through all of them, both ways", async () => {
  const db = await testDatabase();
  try {
    await fc.assert(
      fc.asyncProperty(logs(9, 30), fc.integer({ min: 1, max: 4 }), async (log, max_rows) => {
        const { user_id } = await writeLog(db, log, 9);
        const as_of = new Date(Math.max(...log.map(({ ts }) => ts), Date.parse("2026-05-01")) + DAY)
          .toISOString();
        const all = (await predict(db, user_id, { as_of })).predictions.map(({ contact_id }) => contact_id);
        const forward: Prediction[] = [];
        for (let has_more = true, last: Prediction | undefined; has_more;) {
          const page: Answer = await predict(db, user_id, {
            as_of,
            max_rows,
            ...(last && { cursor_probability: last.probability, cursor_id: last.contact_id }),
          });
          forward.push(...page.predictions);
          last = page.predictions.at(-1);
          has_more = page.has_more;
        }
        assertEquals(forward.map(({ contact_id }) => contact_id), all);
        const end = forward.at(-1);
        if (!end) return;
        const before = await predict(db, user_id, {
          as_of,
          max_rows,
          cursor_probability: end.probability,
          cursor_id: end.contact_id,
          backward: true,
        });
        assertEquals(
          before.predictions.map(({ contact_id }) => contact_id),
          all.slice(0, -1).slice(-max_rows),
        );
      }),
      { numRuns: 25 },
    );
  } finally {
    await db.close();
  }
});
