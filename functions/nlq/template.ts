/** A stretch of the question that fills a slot: `start` inclusive, `end` exclusive, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What fills it, such as `contact` or `time`. */
  readonly slot: string;
}

/** Small letters, digits and single spaces: who writes `⟨time⟩` himself gets no slot by it. */
function plain(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
}

/**
 * The question with its slots masked, so that questions which differ in names and times only are alike.
 *
 * @example
 * ```ts
 * template("Calls from Mum in May?", [{ start: 11, end: 14, slot: "contact" }, { start: 18, end: 21, slot: "time" }]);
 * // "calls from ⟨contact⟩ in ⟨time⟩"
 * ```
 * @throws RangeError for spans that overlap or lie outside the question.
 */
export function template(question: string, spans: readonly Span[]): string {
  const pieces: string[] = [];
  let place = 0;
  for (const { start, end, slot } of spans.toSorted((one, other) => one.start - other.start)) {
    if (start < place || end <= start || end > question.length) {
      throw new RangeError(`Cannot mask ${start} to ${end} of a question of ${question.length} letters`);
    }
    pieces.push(plain(question.slice(place, start)), `⟨${slot}⟩`);
    place = end;
  }
  pieces.push(plain(question.slice(place)));
  return pieces.filter((piece) => piece !== "").join(" ");
}
