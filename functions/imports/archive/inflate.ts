import { concat } from "../../../shared/export/bytes.ts";

/**
 * Unpacks raw deflate, up to the size it is said to have: a bomb is not unpacked.
 *
 * @throws Error for what is no deflate, or is longer or shorter than it was said to be.
 */
export async function inflate(
  packed: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const unpacked = new Response(packed).body?.pipeThrough(new DecompressionStream("deflate-raw"));
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of unpacked ?? []) {
    length += piece.length;
    if (length > bytes) throw new RangeError("Cannot unpack: the file is larger than it says");
    pieces.push(piece);
  }
  if (length !== bytes) throw new RangeError("Cannot unpack: the file is smaller than it says");
  return concat(pieces);
}
