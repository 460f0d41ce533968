import { Problem } from "./problem.ts";

/** What a cursor belongs to: it is no good for another user, route or set of filters. */
export type CursorScope = readonly (string | number | boolean | null | undefined)[];

/** Where a page begins: the sort key of a row, and whether to read towards the start. */
export interface CursorPosition {
  readonly key: readonly string[];
  readonly backward: boolean;
}

const encoder = new TextEncoder();

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** Opaque, signed cursors, so that a client can neither read a position into the query nor make one up. */
export class CursorCodec {
  readonly #key: Promise<CryptoKey>;

  /** @param secret Signs the cursors; a new secret makes the old ones invalid (400 `cursor_invalid`). */
  constructor(secret: string) {
    this.#key = crypto.subtle.importKey(
      "raw",
      encoder.encode(`phonelog cursor ${secret}`),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign", "verify"],
    );
  }

  async encode(position: CursorPosition, scope: CursorScope): Promise<string> {
    const payload = encoder.encode(JSON.stringify([position.backward ? 1 : 0, ...position.key]));
    const signature = await crypto.subtle.sign("HMAC", await this.#key, this.#signed(payload, scope));
    return `${toBase64Url(payload)}.${toBase64Url(new Uint8Array(signature))}`;
  }

  /** @throws Problem `cursor_invalid` for a cursor that was not given for this scope. */
  async decode(cursor: string, scope: CursorScope): Promise<CursorPosition> {
    const [payload_text = "", signature_text = ""] = cursor.split(".");
    try {
      const payload = fromBase64Url(payload_text);
      const signed = this.#signed(payload, scope);
      if (await crypto.subtle.verify("HMAC", await this.#key, fromBase64Url(signature_text), signed)) {
        const [backward, ...key] = JSON.parse(new TextDecoder().decode(payload));
        return { key, backward: backward === 1 };
      }
    } catch {
      // Not base64: no cursor of ours.
    }
    throw new Problem("cursor_invalid", "Take the cursor from meta.page of the same query");
  }

  #signed(payload: Uint8Array, scope: CursorScope): Uint8Array<ArrayBuffer> {
    const bound = encoder.encode(JSON.stringify(scope.map((part) => part ?? null)));
    const signed = new Uint8Array(payload.length + 1 + bound.length);
    signed.set(payload);
    signed.set(bound, payload.length + 1);
    return signed;
  }
}
