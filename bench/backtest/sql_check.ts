import type { Database } from "../../dev/database.ts";
import { createUser, testDatabase } from "../../tests/helpers/database.ts";
import { featuresAt, termsOf, type Tie } from "./interactions.ts";
import { probabilityOf } from "./logistic.ts";
import { strengthAt } from "./strength.ts";
import { type Defaults, HORIZONS, type Print } from "./predictions.ts";

const DAY_MS = 86_400_000;
const MOMENTS = [8.3, 15.7, 24.5];

interface SqlForecast {
  readonly number: string;
  readonly elapsed: number;
  readonly active: number;
  readonly observed: number;
  readonly probabilities: readonly number[];
  /** Rounded; null for a one-way tie. */
  readonly strength: number | null;
}

/** Puts a person's ties into the database as events of contacts; gives the user's id. */
async function load(db: Database, ties: readonly Tie[]): Promise<string> {
  const user_id = await createUser(db, `${crypto.randomUUID()}@backtest.test`);
  const events = ties.flatMap(({ number, times, inbound }) => times.map((ts, i) => [number, ts, inbound[i]]));
  await db.query(
    `with contact as (
       insert into public.contacts (user_id, name)
       select $1::uuid, number from (select distinct x ->> 0 as number from jsonb_array_elements($2::jsonb) as x) as n
       returning user_id, id, name
     )
     insert into public.events (user_id, ts, contact_id, number, type, direction, source, sources, fingerprint)
     select c.user_id, to_timestamp((x ->> 1)::double precision / 1000), c.id, c.name, 'sms',
       case when (x ->> 2)::boolean then 'inbound' else 'outbound' end, 'backup', '{backup}', gen_random_uuid()
       from jsonb_array_elements($2::jsonb) as x join contact as c on c.name = x ->> 0`,
    [user_id, JSON.stringify(events)],
  );
  return user_id;
}

async function forecasts(db: Database, user_id: string, at: number): Promise<SqlForecast[]> {
  return await db.query<SqlForecast & Record<string, unknown>>(
    `select c.name as number, (f.features).elapsed_days as elapsed, (f.features).active, (f.features).observed,
       array[f.p_1, f.p_7, f.p_14, f.p_28] as probabilities,
       (private.tie_strength($1, c.id, $2, f.features) ->> 'score')::double precision as strength
       from private.interaction_forecasts($1, $2) as f
       join public.contacts as c on c.user_id = $1 and c.id = (f.features).contact_id`,
    [user_id, new Date(at).toISOString()],
  );
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * Loads the people into a migrated database and compares what SQL says with what was scored here: features,
 * probabilities and strength of every tie at three moments, and the coefficients of the migration with those fitted.
 *
 * @throws Error when they differ by more than rounding (probabilities have four decimals in SQL).
 */
export async function checkSql(
  ties: readonly Tie[],
  defaults: readonly Defaults[],
  print: Print,
): Promise<void> {
  const db = await testDatabase();
  try {
    const stored = await db.query<{ horizon_days: number; weights: number[] }>(
      `select horizon_days, array[intercept, recency, rhythm, silence] as weights
         from private.prediction_coefficients order by horizon_days`,
    );
    let [compared, off_by] = [0, 0];
    for (const [person, own] of Map.groupBy(ties, (tie) => tie.person)) {
      const user_id = await load(db, own);
      for (const at of MOMENTS.map((day) => person.starts_at + day * DAY_MS)) {
        const expected = own.flatMap((tie) => {
          const features = featuresAt(tie, at, person.starts_at);
          return features ? [{ tie, features }] : [];
        });
        const found = new Map((await forecasts(db, user_id, at)).map((row) => [row.number, row]));
        if (found.size !== expected.length) {
          throw new Error(`SQL knows ${found.size} ties, not ${expected.length}`);
        }
        for (const { tie, features } of expected) {
          const row = found.get(tie.number);
          const strength = row?.strength ?? null;
          if (strength !== null && Math.abs(strength - (strengthAt(tie, at) ?? NaN)) > 0.5 + 1e-6) {
            throw new Error(`SQL gives a tie the strength ${strength}, not ${strengthAt(tie, at)}`);
          }
          let floor = 0;
          const probabilities = HORIZONS.map((horizon, i) =>
            floor = Math.min(
              Math.max(floor, probabilityOf(stored[i]?.weights ?? [], termsOf(features, horizon))),
              0.9999,
            )
          );
          off_by = Math.max(
            off_by,
            largest(probabilities.map((p, i) => p - (row?.probabilities[i] ?? NaN))),
            largest([
              features.elapsed - (row?.elapsed ?? NaN),
              features.active - (row?.active ?? NaN),
              features.observed - (row?.observed ?? NaN),
            ]),
          );
          compared++;
        }
      }
    }
    print(
      `\nSQL and this back-test: ${compared} forecasts of 4 horizons compared, at most ${
        off_by.toExponential(1)
      } apart`,
    );
    if (!(off_by < 1e-4)) throw new Error(`SQL and the back-test differ by ${off_by}`);
    const moved = largest(
      defaults.flatMap(({ weights }, i) =>
        weights.map((weight, j) => weight - (stored[i]?.weights[j] ?? NaN))
      ),
    );
    print(`Coefficients in the migration and those above: at most ${moved.toFixed(4)} apart`);
  } finally {
    await db.close();
  }
}
