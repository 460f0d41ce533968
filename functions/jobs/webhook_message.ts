import { API_VERSION } from "../../shared/version.ts";
import { signMessage, webhookSecret } from "../../shared/webhooks/webhook_secret.ts";

/** A message of the outbox, as it was claimed. */
export interface ClaimedMessage {
  readonly webhook_id: string;
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
  readonly data: unknown;
  readonly url: string;
  /** The current one, and for a day the one before. */
  readonly secret_versions: readonly number[];
}

/**
 * A message as it is sent, by the Standard Webhooks specification. The id and the body are the same each time; the time and
 * so the signature are those of the attempt.
 *
 * @param now Milliseconds since 1970.
 */
export async function serializeMessage(
  message: ClaimedMessage,
  webhook_key: string,
  now: number,
): Promise<{ headers: Record<string, string>; body: string }> {
  const { type, created_at, data } = message;
  const id = `msg_${message.id}`;
  const timestamp = Math.floor(now / 1000);
  const body = JSON.stringify({ type, timestamp: created_at, data });
  const signatures = await Promise.all(
    message.secret_versions.map(async (version) =>
      await signMessage(await webhookSecret(webhook_key, message.webhook_id, version), id, timestamp, body)
    ),
  );
  return {
    headers: {
      "content-type": "application/json",
      "user-agent": `PhoneLog-AI/${API_VERSION}`,
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signatures.join(" "),
    },
    body,
  };
}
