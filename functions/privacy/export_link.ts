import { Problem } from "../../shared/http/problem.ts";
import type { Exporting } from "./exports.ts";

/** Keeps a link from being taken for a cursor, and a cursor for a link. */
const SCOPE = ["export download"];
const HOUR_MS = 3_600_000;

/** A link that holds for one to two hours, the same to the hour, and never longer than the archive. */
export async function downloadLink(
  { codec, public_url }: Pick<Exporting, "codec" | "public_url">,
  { id, expires_at }: { id: string; expires_at: string | null },
): Promise<{ url: string; expires_at: string }> {
  const at_most = expires_at === null ? Infinity : Date.parse(expires_at);
  const expires_ms = Math.min(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS, at_most);
  const token = await codec.encode({ key: [id, String(expires_ms)], backward: false }, SCOPE);
  return {
    url: `${public_url}/functions/v1/privacy/downloads/${token}`,
    expires_at: new Date(expires_ms).toISOString(),
  };
}

/**
 * The export that a link leads to.
 *
 * @throws Problem `export_not_found` (404) for what we did not sign, `export_expired` (410) for an old link.
 */
export async function readDownloadLink({ codec }: Pick<Exporting, "codec">, token: string): Promise<string> {
  const { key: [id = "", expires_ms = ""] } = await codec.decode(token, SCOPE).catch((cause) => {
    throw new Problem("export_not_found", "No such link", { cause });
  });
  if (Number(expires_ms) <= Date.now()) {
    throw new Problem("export_expired", "The link is over: the export itself has a new one");
  }
  return id;
}
