import { parseArgs } from "@std/cli/parse-args";
import { listPhones, loadPeople, PHONES } from "./phones.ts";
import { tiesOf } from "./interactions.ts";
import { backtestPredictions, type Print } from "./predictions.ts";
import { backtestAnomalies } from "./anomalies.ts";
import { backtestGaps } from "./gaps.ts";
import { checkSql } from "./sql_check.ts";
import { backtestStrength } from "./strength.ts";
import type { Person } from "./phones.ts";

type Backtest = (people: readonly Person[], print: Print) => unknown;

/** Each back-test by the name that `--only` takes. */
const BACKTESTS: Readonly<Record<string, Backtest>> = {
  predictions: async (people, print) => {
    await checkSql(tiesOf(people), backtestPredictions(people, print), print);
  },
  strength: backtestStrength,
  anomalies: backtestAnomalies,
  gaps: backtestGaps,
};

const encoder = new TextEncoder();
const print: Print = (line) => {
  Deno.stdout.writeSync(encoder.encode(line + "\n"));
};

const { _: given, only } = parseArgs(Deno.args, { string: ["only", "_"] });
const chosen = Object.entries(BACKTESTS).filter(([name]) => !only || name === only);
if (chosen.length === 0) {
  throw new Error(`Cannot find the back-test "${only}": ${Object.keys(BACKTESTS).join(", ")}`);
}
const paths = given.length > 0 ? given.map(String) : await listPhones(PHONES);
const people = await loadPeople(paths);
for (const [, backtest] of chosen) await backtest(people, print);
