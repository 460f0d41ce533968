import { z } from "@hono/zod-openapi";
import { Instant, TimeZone } from "../../shared/http/query.ts";

/** An instant in an answer. */
export const Time = z.iso.datetime({ offset: true });

/** A number, or null where there is nothing to measure. */
export const Figure = z.number().nullable();

/** The period of an analytic; `default_from` says in words where it begins unless told. */
export function period(default_from: string, default_to = "now") {
  return {
    from: Instant.optional().openapi({ description: `Inclusive; default: ${default_from}` }),
    to: Instant.optional().openapi({ description: `Exclusive; default: ${default_to}` }),
    time_zone: TimeZone.optional().openapi({ description: "IANA name; default: the profile's" }),
  };
}
