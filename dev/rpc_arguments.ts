/** Query words of the REST interface that are no arguments. */
const RESERVED = new Set([
  "select",
  "order",
  "limit",
  "offset",
  "columns",
  "on_conflict",
  "and",
  "or",
  "apikey",
]);

/**
 * Quotes the arguments of `GET /rest/v1/rpc/…`. PostgREST takes a value by the type of the argument; `@supabase/lite`
 * guesses it from the text, so that `+447700900123` loses its plus and `null` its letters, and reads `eq.5` as a
 * filter. In quotes a value arrives as it was sent, as text, which the database connections take for any type.
 */
export function quoteRpcArguments(request: Request): string {
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.pathname.startsWith("/rest/v1/rpc/")) return request.url;
  for (const [name, value] of [...url.searchParams]) {
    if (!RESERVED.has(name)) url.searchParams.set(name, `"${value}"`);
  }
  return url.href;
}
