import { serializeMessage } from "./webhook_message.ts";
import type { JobContext, JobResult } from "./job.ts";
import { sendMessage } from "./send_message.ts";
import type { ClaimedMessage } from "./webhook_message.ts";

const BATCH = 50;
const AT_ONCE = 10;

interface Outcome {
  readonly webhook_id: string;
  readonly id: string;
  readonly status: number | null;
  readonly error: string | null;
}

async function deliver(message: ClaimedMessage, webhook_key: string, allow_local: boolean): Promise<Outcome> {
  const { headers, body } = await serializeMessage(message, webhook_key, Date.now());
  const sent = await sendMessage(message.url, headers, body, { allow_local });
  return { webhook_id: message.webhook_id, id: message.id, ...sent };
}

/** Sends what waits in the outbox. A run that is killed sends some of it again, under the same ids. */
export async function run({ env, admin }: JobContext): Promise<JobResult> {
  const { webhook_key, webhook_http } = env;
  // Without a key nobody was given a secret, so there is nothing that a receiver could check.
  if (webhook_key === undefined) return { skipped: "PHONELOG_WEBHOOK_KEY is not set" };
  const messages = await admin.rpc<ClaimedMessage[]>("claim_webhook_messages", { max_rows: BATCH });
  if (messages.length === 0) return { delivered: 0, failed: 0, dead: 0 };
  const left = messages.values();
  const outcomes: Outcome[] = [];
  const lane = async () => {
    for (const message of left) outcomes.push(await deliver(message, webhook_key, webhook_http));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const counts = await admin.rpc<{ delivered: number; failed: number; dead: number }>(
    "settle_webhook_messages",
    { outcomes },
  );
  // What failed is due again later only, so this ends.
  return { ...counts, more: true };
}
