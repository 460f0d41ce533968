import type { Database } from "./database.ts";
import type { SigningKeys } from "./keys.ts";
import { createLite } from "./lite.ts";
import { withQuietErrors } from "./quiet_errors.ts";
import { createSupabaseApi } from "./supabase_api.ts";
import { TokenExchange } from "./token_exchange.ts";

/** What REST and Auth are served from. */
export interface LocalSupabaseOptions {
  db: Database;
  keys: SigningKeys;
  /** Where the stack is reached, without a path. */
  url: string;
  log: (message: string) => void;
}

/** `/rest/v1` and `/auth/v1` over a database, one request at a time where the engine has one connection. */
export function createLocalSupabase(options: LocalSupabaseOptions): (request: Request) => Promise<Response> {
  const { db, keys, url, log } = options;
  const jwt_secret = crypto.randomUUID() + crypto.randomUUID();
  const lite = createLite(db.connection, { jwt_secret, public_url: url, log });
  return createSupabaseApi({
    tokens: new TokenExchange({ keys, jwt_secret, issuer: `${url}/auth/v1` }),
    lite: (request) => db.exclusive(() => withQuietErrors(log, async () => await lite.fetch(request))),
  });
}
