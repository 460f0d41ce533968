import { z } from "@hono/zod-openapi";

/** An instant: ISO 8601 with an offset. */
export const Instant = z.iso.datetime({
  offset: true,
  error: "Expected ISO 8601 with an offset, such as 2026-05-01T00:00:00Z",
})
  .openapi({ type: "string", format: "date-time" });

export const Uuid = z.uuid({ error: "Expected a UUID" });

/** A whole number in a query string. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = `Expected a whole number from ${minimum} to ${maximum}`;
  return z.string().regex(/^\d{1,15}$/, error).transform(Number).pipe(
    z.number().min(minimum, error).max(maximum, error),
  )
    .openapi({ type: "integer", minimum, maximum });
}

export const Limit = wholeNumber(1, 200).optional().openapi({
  type: "integer",
  minimum: 1,
  maximum: 200,
  default: 50,
});
export const Cursor = z.string().min(1).max(2000).optional().openapi({
  description: "From meta.page of the same query",
});

/** True or false in a query string. */
export const Flag = z.enum(["true", "false"]).transform((flag) => flag === "true").openapi({
  type: "boolean",
});

/** An IANA name; the database knows which exist. */
export const TimeZone = z.string().min(1).max(64).regex(
  /^[A-Za-z0-9_+\-/]+$/,
  "Expected an IANA name such as Europe/Berlin",
);
