import { fitModel, type Forecaster, model, type Occasion, rivals } from "./forecasters.ts";
import { type Features, termsOf, type Tie, tiesOf } from "./interactions.ts";
import { probabilityOf } from "./logistic.ts";
import { auc, brier, calibrationError, formatTable, groupedInterval, logLoss, logLosses } from "./metrics.ts";
import { type Folds, foldsOf, occasionsOf } from "./occasions.ts";
import type { Person } from "./phones.ts";

/** Days ahead for which there are probabilities. */
export const HORIZONS = [1, 7, 14, 28] as const;
const FOLDS = 15;
const BANDS: readonly [string, number, number][] = [["1", 1, 1], ["2-4", 2, 4], ["5-9", 5, 9], [
  "10+",
  10,
  Infinity,
]];

/** Forecasts for each occasion by coefficients that were fitted without the people it concerns. */
function heldOut(
  forecaster: Forecaster,
  occasions: readonly Occasion[],
  folds: Folds,
  horizon: number,
): number[] {
  const predicted = new Array<number>(occasions.length);
  for (let fold = 0; fold < folds.count; fold++) {
    const train = occasions.filter(({ tie }) => !folds.seenBy(tie).has(fold));
    const forecast = forecaster.fit(train, horizon);
    occasions.forEach((occasion, i) => {
      if (folds.of(occasion.person) === fold) predicted[i] = forecast(occasion);
    });
  }
  return predicted;
}

function figures(name: string, predicted: readonly number[], happened: readonly number[]): string[] {
  const forecasts = { predicted, happened };
  return [name, logLoss(forecasts), brier(forecasts), auc(forecasts), calibrationError(forecasts)].map((
    value,
  ) => typeof value === "string" ? value : value.toFixed(4));
}

function reportHorizon(occasions: readonly Occasion[], folds: Folds, horizon: number, print: Print): void {
  const happened = occasions.map(({ happened }) => happened);
  const own = heldOut(model, occasions, folds, horizon);
  const own_losses = logLosses({ predicted: own, happened });
  const people = occasions.map(({ person }) => person);
  const lines = [model, ...rivals].map((forecaster) => {
    const predicted = forecaster === model ? own : heldOut(forecaster, occasions, folds, horizon);
    const worse = logLosses({ predicted, happened }).map((loss, i) => loss - (own_losses[i] ?? 0));
    const [low, high] = groupedInterval(worse, people);
    const range = forecaster === model ? "" : `${low.toFixed(4)} to ${high.toFixed(4)}`;
    return [...figures(forecaster.name, predicted, happened), range];
  });
  print(
    `${horizon} days ahead: ${occasions.length} forecasts, ${
      (100 * happened.reduce<number>((sum, y) => sum + y, 0) / happened.length).toFixed(1)
    } % came true`,
  );
  print(formatTable([["", "log loss", "Brier", "AUC", "ECE", "loss above ours, 95 %"], ...lines]));
  const bands = BANDS.flatMap(([name, low, high]) => {
    const chosen = occasions.flatMap(({ features: { active_days: n } }, i) =>
      n >= low && n <= high ? [i] : []
    );
    if (chosen.length === 0) return [];
    const [p, y] = [chosen.map((i) => own[i] ?? 0), chosen.map((i) => happened[i] ?? 0)];
    return [[...figures(`  N ${name}`, p, y), String(chosen.length)]];
  });
  print(formatTable([["  active days", "log loss", "Brier", "AUC", "ECE", "forecasts"], ...bands]) + "\n");
}

/** Writes one line of the report. */
export type Print = (line: string) => void;

/** Coefficients for each horizon; `basis` says where they are from. */
export interface Defaults {
  readonly horizon: number;
  readonly weights: readonly number[];
  readonly basis: "fitted" | "extrapolated";
  readonly sample_size: number;
}

function doubled({ weights, horizon }: Defaults, features: Features, exponent: number): number {
  return 1 - (1 - probabilityOf(weights, termsOf(features, horizon))) ** exponent;
}

function meanMiss(occasions: readonly Occasion[], shorter: Defaults, exponent: number): number {
  return occasions.reduce(
    (sum, { features, happened }) => sum + happened - doubled(shorter, features, exponent),
    0,
  );
}

/** The k with which 1-(1-P(h))^k, over all occasions, is as large as what happened in 2h: 2 were it without memory. */
function doublingExponent(shorter: Defaults, occasions: readonly Occasion[]): number {
  let [low, high] = [1, 4];
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (meanMiss(occasions, shorter, middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The coefficients that the migration holds: fitted on everybody. For a horizon that no log is long enough for, the
 * next shorter one is doubled as that one doubled its half.
 */
export function fitDefaults(ties: readonly Tie[], print: Print): Defaults[] {
  const defaults: Defaults[] = [];
  for (const horizon of HORIZONS) {
    const occasions = occasionsOf(ties, horizon);
    if (occasions.length >= 500) {
      defaults.push({
        horizon,
        weights: fitModel(occasions, horizon),
        basis: "fitted",
        sample_size: occasions.length,
      });
      continue;
    }
    const [half, shorter] = defaults.slice(-2);
    if (!half || !shorter || shorter.horizon !== horizon / 2 || half.horizon !== horizon / 4) continue;
    const known = occasionsOf(ties, shorter.horizon);
    const k = doublingExponent(half, known);
    const shares = known.map(({ features }) => doubled(shorter, features, k));
    print(
      `${horizon} days: the logs are too short. From ${half.horizon} to ${shorter.horizon} days 1-P fell to its power ${
        k.toFixed(3)
      }; the same is taken from ${shorter.horizon} to ${horizon}. Not scored.`,
    );
    defaults.push({
      horizon,
      weights: fitModel(known, horizon, shares),
      basis: "extrapolated",
      sample_size: 0,
    });
  }
  return defaults;
}

/** Scores the model and its rivals on people they were not fitted on, and prints the coefficients of all people. */
export function backtestPredictions(people: readonly Person[], print: Print): Defaults[] {
  const ties = tiesOf(people);
  const folds = foldsOf(ties, Math.min(FOLDS, people.length));
  print(
    `# Predictions: ${people.length} people, ${ties.length} ties, ${folds.count} folds of people held out\n`,
  );
  for (const horizon of HORIZONS) {
    const occasions = occasionsOf(ties, horizon);
    if (occasions.length >= 500) reportHorizon(occasions, folds, horizon, print);
  }
  const defaults = fitDefaults(ties, print);
  print("Coefficients fitted on all people");
  print(formatTable([
    ["days", "intercept", "recency", "rhythm", "silence", "forecasts", "basis"],
    ...defaults.map(({ horizon, weights, basis, sample_size }) => [
      String(horizon),
      ...weights.map((w) => w.toFixed(3)),
      String(sample_size),
      basis,
    ]),
  ]));
  return defaults;
}
