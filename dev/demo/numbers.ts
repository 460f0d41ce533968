/*
 * Numbers set aside for use in drama, so that nobody is ever called. Sources: Ofcom, "Telephone numbers for use in TV
 * and radio drama programmes" (mobile 07700 900000-900999, London 020 7946 0000-0999); ATIS, "NANP line number
 * assignment guidelines" (555-0100 to 555-0199 of any area; toll-free codes are no areas). Short codes start with 1:
 * neither country assigns those.
 */

/** A British mobile number; `index` is 0-999. */
export function britishMobile(index: number): string {
  return `+447700900${String(index).padStart(3, "0")}`;
}

/** A London landline; `index` is 0-999. */
export function londonLandline(index: number): string {
  return `+44207946${String(index).padStart(4, "0")}`;
}

/** A number in the given US area code; `index` is 0-99. */
export function americanNumber(area: number, index: number): string {
  return `+1${area}555${String(100 + index).padStart(4, "0")}`;
}

const FICTION = /^\+(447700900\d{3}|442079460\d{3}|1(?!8(?:00|[2-8]\d))[2-9]\d{2}55501\d{2})$/;
const SHORT_CODE = /^1\d{4}$/;
const SENDER_NAME = /^(?=.*[A-Z])[A-Z0-9 ]{3,11}$/;

/** Says of a number in the demo what it is; `real` would be somebody's. */
export function kindOfNumber(number: string): "fiction" | "short_code" | "sender_name" | "real" {
  if (FICTION.test(number)) return "fiction";
  if (SHORT_CODE.test(number)) return "short_code";
  return SENDER_NAME.test(number) ? "sender_name" : "real";
}
