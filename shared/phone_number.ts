import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/min";

/** Numbers of one import repeat a lot; parsing one costs more than all the rest of its row. */
export class NumberReader {
  readonly #region: CountryCode | undefined;
  readonly #known = new Map<string, string>();

  /** @param region ISO 3166-1 alpha-2: where numbers without a country code were dialled. */
  constructor(region: string) {
    this.#region = isSupportedCountry(region) ? region : undefined;
  }

  /**
   * Reads a number as phones and files write it.
   *
   * @returns E.164 where the numbering plans allow it; short codes, named senders and anything else trimmed, as they are.
   */
  read(number: string): string {
    const known = this.#known.get(number);
    if (known !== undefined) return known;
    const read = this.#parse(number.trim());
    if (this.#known.size >= 50_000) this.#known.clear();
    this.#known.set(number, read);
    return read;
  }

  #parse(number: string): string {
    // A name with digits in it ("BANK24") is a name; a keypad translation of it would be somebody's number.
    if (!/^(tel:)?[+＋]?[\d\s().\-/\u00a0\u200e\u202a\u202c]+$/i.test(number)) return number;
    const parsed = parsePhoneNumberFromString(number, this.#region);
    return parsed?.isPossible() ? parsed.number : number;
  }
}
