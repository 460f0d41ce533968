import { createAdminClient } from "@supabase/server/core";
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../database/database.types.ts";
import { databaseProblem } from "../database/database_error.ts";
import type { Env } from "../env.ts";

/** The database as the project itself (service_role), for what no caller may do. tests/functions/admin_test.ts lists who uses it. */
export interface Admin {
  /**
   * Calls a database function with the project's secret key.
   *
   * @param headers Sent along, such as `x-request-id` for the audit log.
   * @throws Problem for what the function raises, and for a database that does not answer.
   */
  rpc<Result>(
    name: keyof Database["public"]["Functions"] & string,
    args: Record<string, unknown>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Result>;
}

/**
 * Makes the one client with the secret key; it holds no state of any request.
 *
 * @param timeout_ms The time that a call may take before the database counts as away.
 */
export function createAdmin(env: Env, timeout_ms = 10_000): Admin {
  const client: SupabaseClient<Database> = createAdminClient<Database>({
    env: {
      url: env.supabase_url,
      publishableKeys: { ...env.publishable_keys },
      secretKeys: { ...env.secret_keys },
      jwks: null,
    },
  });
  return {
    async rpc<Result>(name: string, args: Record<string, unknown>, headers: Record<string, string> = {}) {
      const call = client.rpc(name as never, args as never).abortSignal(AbortSignal.timeout(timeout_ms));
      for (const [header, value] of Object.entries(headers)) call.setHeader(header, value);
      const { data, error, status } = await call;
      if (error) throw databaseProblem(error, status);
      return data as Result;
    },
  };
}
