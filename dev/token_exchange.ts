import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { SigningKeys } from "./keys.ts";
import { LruCache } from "./lru_cache.ts";

/** A bearer token that no key of this stack signed for these users, or that is past its time. */
export class TokenError extends Error {
  override name = "TokenError";
  constructor(readonly reason: "expired" | "invalid", options?: ErrorOptions) {
    super(reason === "expired" ? "JWT expired" : "No suitable key or wrong key type", options);
  }
}

/** Who signs what. */
export interface TokenExchangeOptions {
  keys: SigningKeys;
  /** The `iss` of users' tokens. */
  issuer: string;
  /** What `@supabase/lite` signs with (HS256). */
  jwt_secret: string;
}

const MAX_CACHED_TOKENS = 1000;

async function digest(token: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return String.fromCharCode(...new Uint8Array(hash));
}

/** What GoTrue writes into a token beside what `@supabase/lite` does. */
function claimsOfUser(user: Record<string, unknown>): JWTPayload {
  const { phone, app_metadata, user_metadata, is_anonymous } = user;
  return {
    phone: phone ?? "",
    app_metadata: app_metadata ?? {},
    user_metadata: user_metadata ?? {},
    is_anonymous: is_anonymous ?? false,
    aal: "aal1",
  };
}

/**
 * Translates between the tokens that clients hold (ES256, as on a hosted project) and those that
 * `@supabase/lite` signs and takes (HS256 with a secret that stays in this process).
 */
export class TokenExchange {
  readonly #options: TokenExchangeOptions;
  readonly #secret: Uint8Array;
  readonly #verified = new LruCache<string, { token: string; exp: number }>(MAX_CACHED_TOKENS);

  constructor(options: TokenExchangeOptions) {
    this.#options = options;
    this.#secret = new TextEncoder().encode(options.jwt_secret);
  }

  async #verify(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.#options.keys.public_key, {
        algorithms: ["ES256"],
        issuer: this.#options.issuer,
        audience: "authenticated",
        requiredClaims: ["exp", "sub", "role"],
      });
      return payload;
    } catch (cause) {
      throw new TokenError(cause instanceof errors.JWTExpired ? "expired" : "invalid", { cause });
    }
  }

  /**
   * The caller's token as `@supabase/lite` takes it, with the same claims. Tokens once verified are remembered by
   * their hash until they expire.
   *
   * @throws TokenError for every other token.
   */
  async inbound(token: string): Promise<string> {
    const key = await digest(token);
    const cached = this.#verified.get(key);
    if (cached !== undefined && cached.exp > Date.now() / 1000) return cached.token;
    const payload = await this.#verify(token);
    const translated = await new SignJWT(payload).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(
      this.#secret,
    );
    this.#verified.set(key, { token: translated, exp: payload.exp ?? 0 });
    return translated;
  }

  /** A token of `@supabase/lite` as clients get it: the same user, session and times. */
  async outbound(token: string, user: Record<string, unknown> = {}): Promise<string> {
    const { payload } = await jwtVerify(token, this.#secret, { algorithms: ["HS256"] });
    const { keys, issuer } = this.#options;
    return await new SignJWT({ ...claimsOfUser(user), ...payload, iss: issuer, aud: "authenticated" })
      .setProtectedHeader({ alg: "ES256", kid: keys.kid, typ: "JWT" })
      .sign(keys.private_key);
  }
}
