/** Which of day, month and year comes first where all three are numbers. */
export type DateOrder = "dmy" | "mdy" | "ymd";

/** What stands between them. */
export type DateSeparator = "/" | "-" | ".";

/** The order that each way of writing a date has in one file. */
export type DateOrders = Record<DateSeparator, DateOrder>;

/** An order, and whether the file proves it or it is a custom. */
export interface DateOrderGuess {
  orders: DateOrders;
  /** False when a date with slashes or dashes could be read both ways in every row seen. */
  is_sure: boolean;
}

const NUMERIC_DATE = /(?<!\d)(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;
const TWELVE_HOURS = /\d\s*[ap]\.?\s?m\b/i;

/**
 * Tells the order of numeric dates. A day above 12 decides for its separator, by majority; without one, dots are
 * day first, and slashes and dashes are month first only beside AM and PM.
 *
 * @param texts times as written, of the first rows
 * @param wanted the caller's order; it decides everything
 */
export function guessDateOrder(texts: Iterable<string>, wanted?: DateOrder): DateOrderGuess {
  if (wanted !== undefined) return { orders: { "/": wanted, "-": wanted, ".": wanted }, is_sure: true };
  const seen = { "/": tally(), "-": tally(), ".": tally() };
  let hasTwelveHours = false;
  for (const text of texts) {
    const [, first, separator, second] = NUMERIC_DATE.exec(text) ?? [];
    if (separator !== "/" && separator !== "-" && separator !== ".") continue;
    seen[separator].count++;
    if (Number(first) > 12) seen[separator].dmy++;
    if (Number(second) > 12) seen[separator].mdy++;
    hasTwelveHours ||= TWELVE_HOURS.test(text);
  }
  const custom = hasTwelveHours ? "mdy" : "dmy";
  const orders = {
    "/": decide(seen["/"], custom),
    "-": decide(seen["-"], custom),
    ".": decide(seen["."], "dmy"),
  };
  return { orders, is_sure: isProved(seen["/"]) && isProved(seen["-"]) };
}

interface Tally {
  count: number;
  dmy: number;
  mdy: number;
}

function tally(): Tally {
  return { count: 0, dmy: 0, mdy: 0 };
}

function decide(seen: Tally, custom: DateOrder): DateOrder {
  return seen.dmy === seen.mdy ? custom : seen.dmy > seen.mdy ? "dmy" : "mdy";
}

function isProved(seen: Tally): boolean {
  return seen.count === 0 || seen.dmy !== seen.mdy;
}
