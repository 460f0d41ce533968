import { App } from "@supabase/lite";
import type { PgliteConnection } from "@supabase/lite/pglite";
import type { PostgresConnection } from "@supabase/lite/postgres";

/** The keys of the local stack; on Supabase each project has its own. */
export const PUBLISHABLE_KEY = "sb_publishable_local";
/** Acts as service_role. Public knowledge, so the stack listens on loopback only. */
export const SECRET_KEY = "sb_secret_local";

/** What the REST and Auth servers need to know. */
export interface LiteOptions {
  /** Shared secret (HS256) between the gateway and `@supabase/lite`; never leaves the process. */
  jwt_secret: string;
  /** Where the stack is reached, without a path. */
  public_url: string;
  /** Is told the e-mails that Auth would send: nothing leaves this machine. */
  log: (message: string) => void;
}

function logEmail(
  { to, subject, text }: { to: string; subject: string; text?: string },
  log: LiteOptions["log"],
) {
  log(`E-mail to ${to}, not sent: ${subject}\n${text ?? ""}`);
  return Promise.resolve();
}

/** Supabase's REST and Auth in one fetch handler, over the connection of an open database. */
export function createLite(connection: PgliteConnection | PostgresConnection, options: LiteOptions): App {
  return new App({
    connection,
    api: { enabled: true, schemas: ["public"], max_rows: 1000, external_url: options.public_url },
    auth: {
      enabled: true,
      enable_signup: true,
      jwt_secret: options.jwt_secret,
      publishable_key: PUBLISHABLE_KEY,
      secret_key: SECRET_KEY,
      site_url: options.public_url,
    },
    // The history of migrations is ours: lite's table has columns that the Supabase CLI's lacks.
    db: { migrations: { enabled: false } },
    storage: { enabled: false },
    studio: { enabled: false },
    options: {
      server: { disableStudio: true, admin: false },
      drivers: { email: { send: (message) => logEmail(message, options.log) } },
    },
  });
}

/**
 * Tells `@supabase/lite` that row-level security is set up already. Left to itself it grants everything on all
 * tables of every schema that has a policy, `private` included, to anon and authenticated on the first request,
 * and so undoes the grants of our migrations.
 */
export function keepGrants(connection: PgliteConnection | PostgresConnection): void {
  const state: { rlsState?: string } = connection as object;
  if (state.rlsState === undefined) {
    throw new Error(
      "Cannot keep the grants: this @supabase/lite has no rlsState, so look at how it grants now",
    );
  }
  state.rlsState = "active";
}
