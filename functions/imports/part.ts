import type { z } from "@hono/zod-openapi";
import { NumberReader } from "../../shared/phone_number.ts";
import { Problem } from "../../shared/http/problem.ts";
import type { ParserOptions, ParserState, PartResult } from "./parsing/parser.ts";
import type { ArchivePart } from "./archive/archive_reader.ts";
import { declaredRows } from "./archive/archive_state.ts";
import type { OpenSchema } from "./schemas.ts";

/** What the reading of a file depends on beside the file. */
export interface Profile {
  readonly time_zone: string;
  readonly default_region: string;
}

/** What the caller chose for a file. */
export type Choices = Omit<z.infer<typeof OpenSchema>, "filename" | "bytes">;

/**
 * How to read a file: as the caller chose, otherwise as the profile says.
 *
 * @throws Problem `validation_failed` for a zone that is none.
 */
export function parserOptions(choices: Partial<Choices>, profile: Profile): ParserOptions {
  const { kind, mapping, date_order } = choices;
  const time_zone = choices.time_zone ?? profile.time_zone;
  try {
    new Intl.DateTimeFormat("en", { timeZone: time_zone });
  } catch (cause) {
    throw new Problem("validation_failed", "Not valid: time_zone", {
      errors: [{ path: "time_zone", message: "Expected an IANA name such as Europe/Berlin" }],
      cause,
    });
  }
  return {
    time_zone,
    ...(kind && kind !== "phonelog_export" && { kind }),
    ...(mapping && { mapping: mapping as never }),
    ...(date_order && { date_order }),
  };
}

/** What a backup covers: from its first event of a type to when it was written. */
function coverageOf(state: ParserState): { type: string; from: string; to: string }[] {
  return (["call", "sms"] as const).flatMap((type) => {
    const [from, last] = [state.first_ts[type], state.last_ts[type]];
    if (from === null || last === null) return [];
    const written = state.backup_date !== null && state.backup_date > last ? state.backup_date : null;
    return [{ type, from, to: written ?? new Date(Date.parse(last) + 1).toISOString() }];
  });
}

/** How many errors of an import are kept; of a part's, no more need to travel. */
const MAX_ERRORS = 100;

/** A parsed part as `advance_import` takes it, with numbers in E.164. */
export function partForDatabase(part: PartResult, bytes: number, is_last: boolean, region: string) {
  const reader = new NumberReader(region);
  const events: unknown[] = [];
  const cards: unknown[] = [];
  const refusals: unknown[] = [];
  for (const record of part.records) {
    if (record.kind === "event") {
      const { number } = record.event;
      events.push({
        ...record.event,
        number: typeof number === "string" ? reader.read(number) : number,
        position: record.position,
      });
    } else if (record.kind === "card") {
      cards.push({ ...record.card, numbers: record.card.numbers.map((number) => reader.read(number)) });
    } else {
      refusals.push({ position: record.position, code: record.code, detail: record.detail });
    }
  }
  return {
    kind: part.state.kind,
    events,
    cards,
    refusals: refusals.slice(0, MAX_ERRORS),
    refused: refusals.length,
    fault: part.fault ?? null,
    bytes,
    declared: part.state.declared,
    parser: part.state,
    final: is_last,
    coverage: is_last && part.state.kind !== "ndjson" ? coverageOf(part.state) : null,
  };
}

/** A part of an archive as `advance_import` takes it. */
export function archivePartForDatabase(part: ArchivePart, bytes: number, is_last: boolean) {
  return {
    kind: part.state.kind,
    pages: part.pages,
    fault: part.fault ?? null,
    bytes,
    declared: declaredRows(part.state),
    parser: part.state,
    final: is_last,
  };
}
