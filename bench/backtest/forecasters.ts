import { bgNbdProbability, fitBgNbd, type Purchases } from "./bg_nbd.ts";
import { type Features, termsOf } from "./interactions.ts";
import { fitLogistic, type Prior, probabilityOf } from "./logistic.ts";

/** One forecast that could have been made: a tie at a moment, and whether it was in touch within the horizon. */
export interface Occasion {
  /** Index of the tie. */
  readonly tie: number;
  readonly person: string;
  readonly features: Features;
  readonly purchases: Purchases;
  /** Windows of the horizon's length that began on an earlier day and were over: how many, and how many had an event. */
  readonly past: { readonly windows: number; readonly hits: number };
  readonly happened: 0 | 1;
  /** Occasions of the first moment of each day only, for models that are slow to fit. */
  readonly is_daily: boolean;
}

/** A method: learns from occasions of some people, and forecasts those of others. */
export interface Forecaster {
  readonly name: string;
  fit(train: readonly Occasion[], horizon: number): (occasion: Occasion) => number;
}

/**
 * Prior of the coefficients. Silence is held: 28 days of a log cannot tell it, and a heavy-tailed gap has a hazard of
 * 1/elapsed. Recency is all but held: left free it comes out as 0 from a week on, because so short a log has hardly
 * a tie that ended.
 */
export const PRIOR: Prior = {
  mean: [0, -0.2, 1, -1],
  precision: [0, 1e5, 1, 1e12],
};

/** Coefficients of private.prediction_terms: intercept, recency, rhythm, silence. */
export function fitModel(
  occasions: readonly Occasion[],
  horizon: number,
  shares?: readonly number[],
): number[] {
  return fitLogistic(
    occasions.map(({ features }) => termsOf(features, horizon)),
    shares ?? occasions.map(({ happened }) => happened),
    PRIOR,
  );
}

function baseRate(train: readonly Occasion[]): number {
  return train.reduce((sum, { happened }) => sum + happened, 0) / train.length;
}

/** Model of private.interaction_probability. */
export const model: Forecaster = {
  name: "predict_interactions",
  fit(train, horizon) {
    const weights = fitModel(train, horizon);
    return ({ features }) => probabilityOf(weights, termsOf(features, horizon));
  },
};

const climatology: Forecaster = {
  name: "climatology",
  fit(train) {
    const rate = baseRate(train);
    return () => rate;
  },
};

/** Share of one's own past windows with contact, with two windows of the base rate added. */
const pastFrequency: Forecaster = {
  name: "past frequency",
  fit(train) {
    const rate = baseRate(train);
    return ({ past }) => (past.hits + 2 * rate) / (past.windows + 2);
  },
};

const EDGES = [0.125, 0.25, 0.5, 1, 2, 3, 5, 7, 10, 14, 21, 28, 60, 120];

/** Frequency among ties that were silent for as long. */
const hiatusTable: Forecaster = {
  name: "hiatus table",
  fit(train) {
    const rate = baseRate(train);
    const bin = ({ features }: Occasion) => EDGES.filter((edge) => edge <= features.elapsed).length;
    const cells = Map.groupBy(train, bin);
    return (occasion) => {
      const cell = cells.get(bin(occasion)) ?? [];
      return (cell.reduce((sum, { happened }) => sum + happened, 0) + 2 * rate) / (cell.length + 2);
    };
  },
};

const bgNbd: Forecaster = {
  name: "BG/NBD",
  fit(train, horizon) {
    const parameters = fitBgNbd(train.filter(({ is_daily }) => is_daily).map(({ purchases }) => purchases));
    return ({ purchases }) => bgNbdProbability(parameters, purchases, horizon);
  },
};

const recencyFrequency: Forecaster = {
  name: "recency + frequency",
  fit(train) {
    const terms = (
      { features }: Occasion,
    ) => [1, Math.log(features.elapsed + 0.05), Math.log(features.active_days)];
    const prior = { mean: [0, 0, 0], precision: [0, 1, 1] };
    const weights = fitLogistic(train.map(terms), train.map(({ happened }) => happened), prior);
    return (occasion) => probabilityOf(weights, terms(occasion));
  },
};

/** What the model must beat, and must not lose to. */
export const rivals: readonly Forecaster[] = [
  climatology,
  pastFrequency,
  hiatusTable,
  bgNbd,
  recencyFrequency,
];
