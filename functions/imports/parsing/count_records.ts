import type { EventType, ParsedRecord } from "./record.ts";
import type { ParserState } from "./state.ts";

/** Adds records to the state's count and widens the span of times of each type. */
export function countRecords(state: ParserState, records: readonly ParsedRecord[]): void {
  state.records_read += records.length;
  for (const record of records) {
    if (record.kind !== "event") continue;
    const { ts, type } = record.event;
    if (state.kind !== "ndjson") widenSpan(state, type, ts);
    else if (type === "call" || type === "sms") widenSpan(state, type, toIso(ts));
  }
}

/** Times in NDJSON are as the sender wrote them; what is no time does not count. */
function toIso(ts: unknown): string | null {
  const time = typeof ts === "string" ? new Date(ts).getTime() : NaN;
  return Number.isNaN(time) ? null : new Date(time).toISOString();
}

function widenSpan(state: ParserState, type: EventType, ts: string | null): void {
  if (ts === null) return;
  const { [type]: first } = state.first_ts;
  const { [type]: last } = state.last_ts;
  if (first === null || ts < first) state.first_ts[type] = ts;
  if (last === null || ts > last) state.last_ts[type] = ts;
}
