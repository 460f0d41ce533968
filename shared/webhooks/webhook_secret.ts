const encoder = new TextEncoder();

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

/**
 * The secret of a webhook (32 bytes), derived from the deployment's key, so that no database and no backup holds it.
 *
 * @param version Another version is another secret.
 */
export function webhookSecret(
  webhook_key: string,
  webhook_id: string,
  version: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return hmac(encoder.encode(webhook_key), `phonelog webhook ${webhook_id} ${version}`);
}

/** A secret as its receiver is given it: `whsec_` and base64, as Standard Webhooks has it. */
export function serializeSecret(secret: Uint8Array): string {
  return `whsec_${toBase64(secret)}`;
}

/** One entry of the header `webhook-signature`: scheme v1 (HMAC-SHA256 over id, time and body). */
export async function signMessage(
  secret: Uint8Array<ArrayBuffer>,
  message_id: string,
  timestamp: number,
  body: string,
): Promise<string> {
  return `v1,${toBase64(await hmac(secret, `${message_id}.${timestamp}.${body}`))}`;
}
