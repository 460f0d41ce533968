import type { z } from "@hono/zod-openapi";
import type { Caller } from "../../shared/access/auth.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { describePage, type Listing, type Page } from "../../shared/http/page.ts";
import { Problem } from "../../shared/http/problem.ts";
import { webhookAddressFault } from "../../shared/webhooks/webhook_address.ts";
import { serializeSecret, webhookSecret } from "../../shared/webhooks/webhook_secret.ts";
import type {
  DeliveriesQuery,
  DeliverySchema,
  NewWebhookSchema,
  WebhookChangesSchema,
  WebhookSchema,
} from "./schemas_webhooks.ts";

type Webhook = z.infer<typeof WebhookSchema>;
type Delivery = z.infer<typeof DeliverySchema>;

/** What webhooks need of the environment. */
export type WebhookEnv = Pick<Env, "webhook_key" | "webhook_http">;

function keyOf({ webhook_key }: WebhookEnv): string {
  if (webhook_key === undefined) {
    throw new Problem("webhooks_not_configured", "The operator has to set PHONELOG_WEBHOOK_KEY");
  }
  return webhook_key;
}

function checkAddress(address: string | undefined, { webhook_http }: WebhookEnv): void {
  if (address === undefined) return;
  const message = webhookAddressFault(new URL(address), webhook_http);
  if (message) {
    throw new Problem("validation_failed", "Not valid: url", { errors: [{ path: "url", message }] });
  }
}

async function withSecret(webhook: Webhook, webhook_key: string): Promise<Webhook> {
  const secret = serializeSecret(await webhookSecret(webhook_key, webhook.id, webhook.secret_version));
  return { ...webhook, secret };
}

/** Makes a webhook and shows its secret, this once. */
export async function createWebhook(
  caller: Caller,
  env: WebhookEnv,
  webhook: z.infer<typeof NewWebhookSchema>,
): Promise<Webhook> {
  const webhook_key = keyOf(env);
  checkAddress(webhook.url, env);
  return await withSecret(await caller.rpc<Webhook>("create_webhook", { ...webhook } as never), webhook_key);
}

/** Changes a webhook; a new secret is shown this once. */
export async function changeWebhook(
  caller: Caller,
  env: WebhookEnv,
  webhook_id: string,
  changes: z.infer<typeof WebhookChangesSchema>,
): Promise<Webhook> {
  const webhook_key = keyOf(env);
  checkAddress(changes.url, env);
  const webhook = await caller.rpc<Webhook>("update_webhook", { webhook_id, changes: changes as never });
  return changes.rotate_secret ? await withSecret(webhook, webhook_key) : webhook;
}

/** One page of the messages to a webhook, newest first, and its `meta.page`. */
export async function listDeliveries(
  caller: Caller,
  codec: CursorCodec,
  webhook_id: string,
  query: z.infer<typeof DeliveriesQuery>,
): Promise<{ deliveries: Delivery[]; page: Page }> {
  const scope = ["webhook_deliveries", caller.id, webhook_id];
  const position = query.cursor === undefined ? undefined : await codec.decode(query.cursor, scope);
  const listing = await caller.rpc<Listing & { deliveries: Delivery[] }>("get_webhook_deliveries", {
    webhook_id,
    max_rows: query.limit ?? 50,
    cursor_id: position?.key[0],
    backward: position?.backward,
  }, { get: true });
  const [first, last] = [listing.deliveries[0], listing.deliveries.at(-1)];
  const keys = first && last ? { first: [first.id], last: [last.id] } : undefined;
  return { deliveries: listing.deliveries, page: await describePage(codec, scope, listing, keys, position) };
}
