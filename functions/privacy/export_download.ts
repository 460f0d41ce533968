import type { Admin } from "../../shared/access/admin.ts";
import { fromBase64 } from "../../shared/export/bytes.ts";
import { Problem } from "../../shared/http/problem.ts";

/** What `open_export_download` gives. */
export interface Opened {
  readonly bytes: number;
  readonly requested_at: string;
}

/** Reads an archive part by part, as fast as it is taken: one part is in memory at a time. */
function readArchive(admin: Admin, id: string, start: number, end: number): ReadableStream<Uint8Array> {
  let at = start;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await admin.rpc<{ content: string; next: number } | null>("read_export", {
        export_id: id,
        at_byte: at,
      });
      if (part === null) throw new Problem("export_expired", "The archive was deleted");
      controller.enqueue(fromBase64(part.content).subarray(0, end - at));
      at = part.next;
      if (at >= end) controller.close();
    },
  }, { highWaterMark: 0 });
}

/**
 * The first byte asked for, and the one behind the last, of a `Range` header; the whole where it is none that we know.
 *
 * @throws Problem `byte_range_invalid` (416).
 */
function byteRange(header: string | undefined, bytes: number): { start: number; end: number } | null {
  const [, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return null;
  const start = first === "" ? Math.max(bytes - Number(last), 0) : Number(first);
  const end = first === "" || last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  if (start >= end) throw new Problem("byte_range_invalid", `The archive has ${bytes} bytes`);
  return { start, end };
}

/** The answer with an archive, or with the bytes of it that a `Range` asks for, so that a download can go on. */
export function sendArchive(
  admin: Admin,
  id: string,
  opened: Opened,
  range_header: string | undefined,
): Response {
  const range = byteRange(range_header, opened.bytes);
  const { start, end } = range ?? { start: 0, end: opened.bytes };
  return new Response(readArchive(admin, id, start, end), {
    status: range === null ? 200 : 206,
    headers: {
      "content-type": "application/zip",
      "content-length": String(end - start),
      "content-disposition": `attachment; filename="phonelog-export-${opened.requested_at.slice(0, 10)}.zip"`,
      "accept-ranges": "bytes",
      "etag": `"${id}"`,
      "cache-control": "private, no-store",
      ...(range && { "content-range": `bytes ${start}-${end - 1}/${opened.bytes}` }),
    },
  });
}
