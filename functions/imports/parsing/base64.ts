const STEP = 0x8000;

/** The bytes as base64 (the Edge Runtime's Deno 2.1 has no `Uint8Array.toBase64`). */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let from = 0; from < bytes.length; from += STEP) {
    binary += String.fromCharCode(...bytes.subarray(from, from + STEP));
  }
  return btoa(binary);
}

/** The bytes of a base64 text; throws when it is not base64. */
export function decodeBase64(base64: string): Uint8Array {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** A text as base64 of its UTF-8, so that a NUL or half a pair in it can be stored as `jsonb`. */
export function encodeText(text: string): string {
  return text === "" ? "" : encodeBase64(new TextEncoder().encode(text));
}

/** The inverse of {@linkcode encodeText}. */
export function decodeText(base64: string): string {
  return base64 === "" ? "" : new TextDecoder("utf-8", { ignoreBOM: true }).decode(decodeBase64(base64));
}
