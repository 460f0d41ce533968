import type { QueryResult, Understood } from "../../speech.ts";
import { other, part } from "./interpretation.ts";
import {
  adjectives,
  amount,
  capital,
  counted,
  grouped,
  key,
  length,
  list,
  measured,
  noun,
  qualifiers,
  things,
  when,
} from "./wording.ts";

function moment(row: Record<string, unknown>, zone: string): string {
  const at = new Date(String(row.ts));
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: zone }).format(
    at,
  );
}

function who(row: Record<string, unknown>): string {
  return String(row.contact_name ?? row.name ?? row.number ?? "an unknown number");
}

function ranking(understood: Understood, result: QueryResult): string {
  const { plan, interval } = understood;
  const [first, second] = result.rows;
  if (!first) return `There are no ${things(plan.filters, 2)} ${when(interval)}.`;
  const value = (row: Record<string, unknown>) => amount(plan, Number(row.value ?? 0));
  if (!second || plan.limit === 1) {
    return `${capital(key(plan, first))}: ${value(first)}${qualifiers(plan.filters)} ${when(interval)}.`;
  }
  const shown = result.rows.slice(0, 5).map((row) => `${key(plan, row)} (${value(row)})`);
  return `${capital(list(shown))}${result.rows.length > 5 ? ", and more" : ""}, ${when(interval)}.`;
}

function comparison(understood: Understood, result: QueryResult): string {
  const { plan, interval } = understood;
  const first = Number(result.values.first ?? 0);
  const second = Number(result.values.second ?? 0);
  const change = typeof result.values.change_pct === "number"
    ? ` (${result.values.change_pct > 0 ? "+" : ""}${result.values.change_pct} %)`
    : "";
  const verdict = first === second ? "the same" : first > second ? "more" : "less";
  return `${capital(amount(plan, first))}${qualifiers(plan.filters)} ${when(interval)}, ${
    plan.metric === "events" ? grouped(second) : amount(plan, second)
  } ${other(understood)}: ${verdict}${change}.`;
}

function events({ plan, interval, time_zone }: Understood, result: QueryResult): string {
  const [first] = result.rows;
  if (!first) return `There are no ${things(plan.filters, 2)} ${when(interval)}.`;
  const lasted = typeof first.duration === "number" ? `, ${length(first.duration)}` : "";
  const at = `${moment(first, time_zone)} with ${who(first)}${lasted}`;
  if (plan.intent !== "list") return `The ${plan.intent} was on ${at}.`;
  if (result.rows.length === 1 && plan.limit === 1) return `It was on ${at}.`;
  const found = counted(result.total, noun(plan.filters, 1), noun(plan.filters, 2));
  return `${capital(found)}${qualifiers(plan.filters)} ${when(interval)}; the ${
    plan.sort === "newest" ? "latest" : plan.sort
  } on ${at}.`;
}

function gaps({ interval }: Understood, { total, values }: QueryResult): string {
  const { proven, suspected } = values.verdicts as Record<"proven" | "suspected" | "quiet", number>;
  const found = proven + suspected;
  const quiet = total - found;
  const silences = quiet === 0
    ? ""
    : ` ${counted(quiet, "long silence fits", "long silences fit")} your habits.`;
  if (found === 0) return `Nothing seems to be missing ${when(interval)}.${silences}`;
  const kinds = [[proven, "proven"], [suspected, "suspected"]] as const;
  const verdicts = kinds.filter(([n]) => n > 0).map(([n, verdict]) =>
    found === n ? verdict : `${n} ${verdict}`
  );
  return `${counted(found, "gap", "gaps")} ${when(interval)}, ${list(verdicts)}.${silences}`;
}

/** The answer as one sentence or two. */
export function answer(understood: Understood, result: QueryResult): string {
  const { plan, interval } = understood;
  const described = adjectives(plan.filters);
  switch (plan.intent) {
    case "count": {
      const n = result.value ?? 0;
      if (plan.metric === "contacts") {
        return `${capital(counted(n, "person", "people"))} in ${things(plan.filters, 2)} ${when(interval)}.`;
      }
      return `${n === 0 ? "No" : grouped(n)} ${described ? `${described} ` : ""}${noun(plan.filters, n)}${
        qualifiers(plan.filters)
      } ${when(interval)}.`;
    }
    case "duration":
      if (result.value === null) {
        return `There are no ${things(plan.filters, 2)} with a known length ${when(interval)}.`;
      }
      return `${measured(plan)}${things(plan.filters, 2)} ${when(interval)}: ${length(result.value)}.`;
    case "list":
    case "last":
    case "first":
      return events(understood, result);
    case "top":
    case "busiest":
      return ranking(understood, result);
    case "trend":
      return `${capital(`${measured(plan)}${things(plan.filters, 2)}`)} ${when(interval)}, in ${
        counted(result.rows.length, "step", "steps")
      }.`;
    case "compare":
      return comparison(understood, result);
    case "share":
      if (result.value === null) return `There are no ${things(plan.filters, 2)} ${when(interval)}.`;
      return `${result.value} % of ${things(plan.filters, 2)} ${when(interval)} are ${part(plan)} (${
        amount(plan, Number(result.values.part ?? 0))
      } of ${
        plan.metric === "events"
          ? grouped(Number(result.values.whole ?? 0))
          : amount(plan, Number(result.values.whole ?? 0))
      }).`;
    case "unreturned": {
      if (result.rows.length === 0) {
        return plan.filters.direction === "inbound"
          ? "You have returned every missed call."
          : "Everybody has been in touch since.";
      }
      const names = result.rows.slice(0, 5).map(who);
      return plan.filters.direction === "inbound"
        ? `${counted(result.total, "person waits", "people wait")} for a call back: ${list(names)}${
          result.total > 5 ? ", and more" : ""
        }.`
        : `${counted(result.total, "person has", "people have")} not come back to you: ${list(names)}${
          result.total > 5 ? ", and more" : ""
        }.`;
    }
    case "profile":
      return `Here is what the log says about you and ${plan.filters.contacts[0]?.text ?? ""}.`;
    case "gaps":
      return gaps(understood, result);
    case "quality":
      return result.value === null
        ? "There is not enough data to judge."
        : `The quality of your data is ${Math.round(result.value * 100)} of 100.`;
    case "predict":
      if (result.rows.length === 0) return "There is not enough data to say.";
      return `Most likely within ${plan.horizon_days} days: ${
        list(
          result.rows.slice(0, 5).map((row) =>
            `${who(row)}${
              typeof row.probability === "number" ? ` (${Math.round(row.probability * 100)} %)` : ""
            }`
          ),
        )
      }.`;
  }
}
