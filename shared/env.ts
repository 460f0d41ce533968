import type { JSONWebKeySet, JWK } from "jose";
import { z } from "zod";
import type { Limits } from "./limits/rate_limit.ts";

/** What a function knows about its project: read once when it starts, never again. */
export interface Env {
  /** Base URL of the project, without a trailing slash. */
  readonly supabase_url: string;
  /** The same of a read replica, which knows the same keys. */
  readonly read_url?: string;
  /** How long the replica may take to say that it lives, in ms. */
  readonly replica_wait_ms: number;
  /** The same as clients reach it, for links. */
  readonly public_url: string;
  readonly publishable_keys: Readonly<Record<string, string>>;
  readonly secret_keys: Readonly<Record<string, string>>;
  /** Public keys of Auth, inline or where to get them. */
  readonly jwks: JSONWebKeySet | URL;
  /** Accepted `iss` claims. */
  readonly issuers: readonly string[];
  /** Browser origins that may call; `["*"]` for any. */
  readonly cors_origins: readonly string[];
  /** Signs cursors; not a secret of any user. */
  readonly cursor_secret: string;
  /** Private key (ES256) that the project's Auth knows too: signs the tokens of API keys. */
  readonly signing_key?: JWK & { readonly kid: string };
  /** Counts requests in place of Postgres, and keeps answers for all isolates. */
  readonly redis_url?: string;
  /** What one person, API key and address may ask for; empty: nothing is limited. */
  readonly rate_limits: Limits;
  /** How many entries at the end of `X-Forwarded-For` are the platform's own. */
  readonly trusted_hops: number;
  /** What an isolate keeps answers in where there is no Redis, in MB; 0: no answers are kept anywhere. */
  readonly result_cache_mb: number;
  /** Of OpenAI, or of the server at `openai_base_url`. */
  readonly openai_api_key?: string;
  /** A server that speaks OpenAI's API, without a trailing slash. */
  readonly openai_base_url?: string;
  /** Reads questions that the built-in planner cannot; must take `temperature: 0` and structured outputs. */
  readonly openai_model?: string;
  /** Makes vectors of questions; must know `dimensions`. */
  readonly openai_embedding_model?: string;
  /** What webhooks' secrets are derived from; without it there are no webhooks. */
  readonly webhook_key?: string;
  /** Webhooks may also be http, and on this machine: for tests and local work. */
  readonly webhook_http: boolean;
}

type Source = Readonly<Record<string, string | undefined>>;

function required(source: Source, ...names: [string, ...string[]]): string {
  for (const name of names) {
    const value = source[name];
    if (value) return value;
  }
  throw new Error(`Cannot start without the environment variable ${names.join(" or ")}`);
}

/** More than a person or a program that behaves ever asks for: a request of the plainest kind counts as one. */
const DEFAULT_LIMITS: Limits = {
  user: { limit: 6000, window: 60 },
  key: { limit: 6000, window: 60 },
  address: { limit: 12_000, window: 60 },
};

const SigningKey = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
  kid: z.string().min(1),
});

const NamedKeys = z.record(z.string(), z.string().min(1));

function namedKeys(
  source: Source,
  plural: string,
  ...singular: [string, ...string[]]
): Record<string, string> {
  const json = source[plural];
  if (!json) return { default: required(source, ...singular, plural) };
  const keys = NamedKeys.safeParse(parseJson(plural, json));
  if (!keys.success) throw new Error(`Cannot read ${plural}: expected a JSON object of names and keys`);
  return keys.data;
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Cannot read ${name}: not JSON`);
  }
}

function readJwks(source: Source, url: string): JSONWebKeySet | URL {
  const inline = source.SUPABASE_JWKS;
  if (!inline) return new URL(source.SUPABASE_JWKS_URL ?? `${url}/auth/v1/.well-known/jwks.json`);
  const parsed = parseJson("SUPABASE_JWKS", inline);
  return (Array.isArray(parsed) ? { keys: parsed } : parsed) as JSONWebKeySet;
}

function readOpenAi(source: Source): Pick<Env, `openai_${string}` & keyof Env> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL, OPENAI_EMBEDDING_MODEL } = source;
  if (OPENAI_BASE_URL && !/^https?:\/\/[^/]/.test(OPENAI_BASE_URL)) {
    throw new Error("Cannot read OPENAI_BASE_URL: not an http address");
  }
  return {
    ...(OPENAI_API_KEY && { openai_api_key: OPENAI_API_KEY }),
    ...(OPENAI_BASE_URL && { openai_base_url: OPENAI_BASE_URL.replace(/\/+$/, "") }),
    ...(OPENAI_MODEL && { openai_model: OPENAI_MODEL }),
    ...(OPENAI_EMBEDDING_MODEL && { openai_embedding_model: OPENAI_EMBEDDING_MODEL }),
  };
}

function readSigningKey(source: Source): Pick<Env, "signing_key"> {
  const text = source.PHONELOG_SIGNING_KEY;
  if (!text) return {};
  const jwk = SigningKey.safeParse(parseJson("PHONELOG_SIGNING_KEY", text));
  if (!jwk.success) {
    throw new Error("Cannot read PHONELOG_SIGNING_KEY: expected the private JWK of a P-256 key with its kid");
  }
  const { kty, crv, x, y, d, kid } = jwk.data;
  return { signing_key: { kty, crv, x, y, d, kid } };
}

/** Such as `user=6000/60,key=6000/60,address=12000/60`, requests in seconds; what is not named keeps its default. */
function readRateLimits(source: Source): Limits {
  const text = source.PHONELOG_RATE_LIMITS?.trim();
  if (text === "off") return {};
  const given = (text || undefined)?.split(",").map((entry) => {
    const [, name, limit, window] =
      /^(user|key|address)=([1-9]\d{0,8})\/([1-9]\d{0,4})$/.exec(entry.trim()) ?? [];
    if (name === undefined) {
      throw new Error(
        "Cannot read PHONELOG_RATE_LIMITS: expected off, or such as user=600/60,address=1200/60",
      );
    }
    return [name, { limit: Number(limit), window: Number(window) }];
  });
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given ?? []) };
}

function readTrustedHops(source: Source): number {
  const text = source.PHONELOG_TRUSTED_HOPS || "1";
  if (!/^\d$/.test(text)) throw new Error("Cannot read PHONELOG_TRUSTED_HOPS: expected 0 to 9");
  return Number(text);
}

function readRedisUrl(source: Source): Pick<Env, "redis_url"> {
  if (!source.REDIS_URL) return {};
  if (!/^rediss?:\/\/[^/]/.test(source.REDIS_URL)) {
    throw new Error("Cannot read REDIS_URL: not a redis:// or rediss:// address");
  }
  return { redis_url: source.REDIS_URL };
}

function readWebhookKey({ PHONELOG_WEBHOOK_KEY: key }: Source): Pick<Env, "webhook_key"> {
  if (!key) return {};
  if (key.length < 32) throw new Error("Cannot read PHONELOG_WEBHOOK_KEY: give 32 characters or more");
  return { webhook_key: key };
}

function publicUrl(source: Source, url: string): string {
  // The platform keeps names with SUPABASE_ for itself; a self-hosted stack has the second.
  const given = source.PHONELOG_PUBLIC_URL || source.SUPABASE_PUBLIC_URL;
  if (given) return given.replace(/\/$/, "");
  // Inside the CLI's containers the project is called kong, while Auth issues for the address outside.
  return new URL(url).hostname === "kong" ? "http://127.0.0.1:54321" : url;
}

function readReplica(source: Source): Pick<Env, "read_url" | "replica_wait_ms"> {
  const text = source.PHONELOG_REPLICA_WAIT_MS || "40";
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new Error("Cannot read PHONELOG_REPLICA_WAIT_MS: expected 1 to 9999");
  }
  const replica_wait_ms = Number(text);
  const read_url = source.PHONELOG_READ_URL || source.SUPABASE_READ_URL;
  if (!read_url) return { replica_wait_ms };
  if (!/^https?:\/\/[^/]/.test(read_url)) {
    throw new Error("Cannot read PHONELOG_READ_URL: not an http address");
  }
  return { read_url: read_url.replace(/\/$/, ""), replica_wait_ms };
}

function readResultCache(source: Source): number {
  const text = source.PHONELOG_RESULT_CACHE_MB || "16";
  if (!/^\d{1,3}$/.test(text)) throw new Error("Cannot read PHONELOG_RESULT_CACHE_MB: expected 0 to 999");
  return Number(text);
}

function readIssuers(source: Source, url: string): string[] {
  if (source.PHONELOG_JWT_ISSUER) return source.PHONELOG_JWT_ISSUER.split(",").map((issuer) => issuer.trim());
  return [...new Set([url, publicUrl(source, url)])].map((base) => `${base}/auth/v1`);
}

/**
 * Reads the environment of a function, as the platform sets it.
 *
 * @param source Variables by name, such as `Deno.env.toObject()`.
 * @throws Error that names the variable, when one is missing or malformed.
 */
export function readEnv(source: Source): Env {
  const supabase_url = required(source, "SUPABASE_URL").replace(/\/$/, "");
  const secret_keys = namedKeys(
    source,
    "SUPABASE_SECRET_KEYS",
    "SUPABASE_SECRET_KEY",
    "SUPABASE_SERVICE_ROLE_KEY",
  );
  return {
    supabase_url,
    ...readReplica(source),
    public_url: publicUrl(source, supabase_url),
    publishable_keys: namedKeys(
      source,
      "SUPABASE_PUBLISHABLE_KEYS",
      "SUPABASE_PUBLISHABLE_KEY",
      "SUPABASE_ANON_KEY",
    ),
    secret_keys,
    jwks: readJwks(source, supabase_url),
    issuers: readIssuers(source, supabase_url),
    cors_origins: (source.PHONELOG_CORS_ORIGINS ?? "*").split(",").map((origin) => origin.trim()),
    cursor_secret: source.PHONELOG_CURSOR_SECRET ?? Object.values(secret_keys)[0] ?? "",
    rate_limits: readRateLimits(source),
    trusted_hops: readTrustedHops(source),
    ...readSigningKey(source),
    result_cache_mb: readResultCache(source),
    ...readRedisUrl(source),
    ...readOpenAi(source),
    ...readWebhookKey(source),
    webhook_http: source.PHONELOG_WEBHOOK_HTTP === "1",
  };
}
