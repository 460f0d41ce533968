const UUID = String.raw`[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}`;
const YEAR = String.raw`(?:19|20|21)\d\d`;
const MONTH = String.raw`(?:0?[1-9]|1[0-2])`;
const DAY = String.raw`(?:0?[1-9]|[12]\d|3[01])`;
const DATE =
  String.raw`(?<!\p{Nd}|\p{Nd}[-./]|\+)(?:${YEAR}[-/.]${MONTH}[-/.]${DAY}(?:T\d{1,2}:\d{2}(?::\d{2})?)?|` +
  String.raw`${DAY}[-/.]${DAY}[-/.]${YEAR}|${YEAR}-${MONTH}(?!\s?\p{Nd}))(?![-./]?\p{Nd})`;
/** Digits that may be one number, with what people write between them. */
const DIGITS = String
  .raw`(?:[+\uff0b]\s?)?\(?\p{Nd}(?:[\s().\/_\u00b7\u2022\u2010-\u2015\p{Cf}-]{0,3}\p{Nd})*`;
const QUOTED = [
  String.raw`"[^"]*(?:"|$)`,
  String.raw`[\u201c\u201d\u201e][^\u201c\u201d\u201e]*(?:[\u201c\u201d]|$)`,
  String.raw`\u00ab[^\u00ab\u00bb]*(?:\u00bb|$)`,
  "`[^`]*(?:`|$)",
  String
    .raw`(?<![\p{L}\p{N}])['\u2018\u201a](?=\S)[^'\u2018\u2019]*(?:['\u2019](?=\p{L})[^'\u2018\u2019]*)*['\u2019](?![\p{L}\p{N}])`,
].join("|");
const TOKEN = String.raw`\[(?:NUMBER|QUOTE|PERSON)_\d+\]`;

const SECRET = new RegExp(
  `(?<quote>${QUOTED}|${TOKEN}|${UUID})|(?<date>${DATE})|(?<digits>${DIGITS})`,
  "giu",
);

const TIMED = new RegExp(
  String.raw`^[\s-]*(?:seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|quarters?|years?)(?!\p{L})`,
  "iu",
);
const COUNTED =
  /^[\s-]*(?:%|:|(?:st|nd|rd|th|[ap]\.?m|o'?clock|times|percent|calls?|texts?|messages?|sms|contacts?|people|numbers?|events?)(?!\p{L}))/iu;
const ADDRESSED =
  /(?:^|\s)(?:from|to|by|with|for|number|no\.?|call(?:ed|s|ing)?|dial(?:l?ed)?|ring|rang|phoned?|text(?:ed|s)?|sms)\s+$/iu;

const isYear = (text: string) => /^(?:19|20|21)\d\d$/.test(text);

/** Whether digits are of a telephone number, not of a date, a year, a time or an amount. */
function isNumber(found: string, before: string, after: string): boolean {
  const digits = found.replace(/\P{Nd}/gu, "");
  if (/^[+\uff0b(]/.test(found) && digits.length >= 3) return true;
  const pieces = found.split(/\s+-\s+|\s+/);
  if (pieces.length <= 3 && pieces.every((piece) => isYear(piece) || /^\d{1,2}$/.test(piece))) return false;
  if (digits.length <= 6 && TIMED.test(after) || digits.length <= 4 && COUNTED.test(after)) return false;
  if (digits.length >= 5) return true;
  return digits.length >= 3 && !isYear(digits) && ADDRESSED.test(before);
}

/** What was taken out of a question, by the token that stands for it. */
export interface Masked {
  readonly text: string;
  readonly secrets: ReadonlyMap<string, string>;
}

function unquoted(quote: string): string {
  return quote.replace(/^["'`\u00ab\u2018\u201a\u201c-\u201e]|["'`\u00bb\u2019\u201c\u201d]$/gu, "").trim();
}

/**
 * A question without what nobody else is to read: telephone numbers become `[NUMBER_1]`, what stands in quotation marks
 * and ids `[QUOTE_1]`. What looks like such a token is taken for a quotation. Dates, times, years and amounts stay.
 */
export function mask(question: string): Masked {
  const secrets = new Map<string, string>();
  const hide = (kind: "NUMBER" | "QUOTE", secret: string) => {
    const known = [...secrets].find(([token, other]) => other === secret && token.startsWith(`[${kind}`));
    const token = known?.[0] ?? `[${kind}_${secrets.size + 1}]`;
    secrets.set(token, secret);
    return token;
  };
  const text = question.replace(SECRET, (found, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined>;
    const whole = rest.at(-2) as string;
    const at = rest.at(-3) as number;
    if (groups.date !== undefined) return found;
    if (groups.quote !== undefined) {
      const secret = unquoted(found);
      return secret ? hide("QUOTE", secret) : " ";
    }
    if (!isNumber(found, whole.slice(0, at), whole.slice(at + found.length))) return found;
    return hide("NUMBER", found);
  });
  return { text, secrets };
}
