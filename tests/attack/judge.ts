import type { Attacker } from "./attackers.ts";
import { findMarkers, type Marker } from "./markers.ts";
import type { AttackReply, AttackRequest } from "./request.ts";

/** Texts of the inside that no answer may have. The REST interface names tables by design, the functions do not. */
const INTERNAL =
  /PL\/pgSQL|SQL function|SQL statement|security invoker|\bat (file|npm|async|Object)[ :.]|\.ts:\d+|node_modules|stack trace/i;
const INTERNAL_OF_DATABASE =
  /\bpg_[a-z]+|relation "|\bcolumn\b|\btable\b|constraint|row-level security|permission denied|PGRST|\bprivate\./i;

/** What he sent himself, so that he may get it back. */
function brought({ path, json, body, headers }: AttackRequest): string {
  return `${decodeURIComponent(path)} ${JSON.stringify(json) ?? ""} ${body ?? ""} ${
    JSON.stringify(headers) ?? ""
  }`.toLowerCase();
}

/** What is wrong with the answer that an attacker got; nothing when it is as it must be. */
export function judge(
  request: AttackRequest,
  reply: AttackReply,
  attacker: Attacker,
  markers: ReadonlyMap<string, Marker>,
): string[] {
  const faults: string[] = [];
  const sent = brought(request);
  for (const [text, { says, least_rank }] of findMarkers(reply.text, markers)) {
    if (attacker.rank < least_rank && !sent.includes(text) && !attacker.knows?.includes(text)) {
      faults.push(`shows ${text} (${says})`);
    }
  }
  if (reply.status === 429) faults.push("is kept off by a rate limit, which proves nothing");
  if (reply.status >= 500) faults.push(`fails with ${reply.status}: ${reply.text.slice(0, 200)}`);
  const is_rest = request.path.startsWith("/rest/");
  const [leaked] = INTERNAL.exec(reply.text) ?? (is_rest ? [] : INTERNAL_OF_DATABASE.exec(reply.text) ?? []);
  if (reply.status >= 400 && leaked !== undefined) {
    faults.push(`tells "${leaked}": ${reply.text.slice(0, 300)}`);
  }
  if (request.by_secret_key) {
    if (reply.status !== 401 && reply.status !== 403) {
      faults.push(`is answered with ${reply.status} without the secret key`);
    }
  } else if (attacker.status !== undefined && !request.is_public && reply.status !== attacker.status) {
    faults.push(`is answered with ${reply.status}`);
  }
  if (request.refused && reply.status < 400) faults.push(`is let in with ${reply.status}`);
  const total = reply.content_range?.split("/")[1];
  if (request.counts_hers && total !== undefined && total !== "0" && total !== "*") {
    faults.push(`counts ${total} rows`);
  }
  return faults;
}

const VOLATILE =
  /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][0-9:.]+(Z|[+-][0-9:]+)?|pli_[0-9a-f]+|"(took_ms|query_id|cursor|next_cursor)":("[^"]*"|[0-9.]+)/g;

/** An answer without what differs from one request to the next and without the target's own names. */
export function essence(reply: AttackReply): string {
  return `${reply.status} ${
    reply.text.replaceAll(VOLATILE, "…").replaceAll(/\+?4477009[01][0-9]{4}/g, "…").replaceAll(
      /q[xy](?=[a-z])/gi,
      "q-",
    )
  }`;
}
