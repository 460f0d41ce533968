import type { JSONWebKeySet } from "jose";
import { z } from "zod";

/** What a function knows about its project: read once when it starts, never again. */
export interface Env {
  /** Base URL of the project, without a trailing slash. */
  readonly supabase_url: string;
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
  /** Counts requests in place of Postgres, and keeps answers for all isolates. */
  readonly redis_url?: string;
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
}

type Source = Readonly<Record<string, string | undefined>>;

function required(source: Source, ...names: [string, ...string[]]): string {
  for (const name of names) {
    const value = source[name];
    if (value) return value;
  }
  throw new Error(`Cannot start without the environment variable ${names.join(" or ")}`);
}

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

function readRedisUrl(source: Source): Pick<Env, "redis_url"> {
  if (!source.REDIS_URL) return {};
  if (!/^rediss?:\/\/[^/]/.test(source.REDIS_URL)) {
    throw new Error("Cannot read REDIS_URL: not a redis:// or rediss:// address");
  }
  return { redis_url: source.REDIS_URL };
}

function readResultCache(source: Source): number {
  const text = source.PHONELOG_RESULT_CACHE_MB || "16";
  if (!/^\d{1,3}$/.test(text)) throw new Error("Cannot read PHONELOG_RESULT_CACHE_MB: expected 0 to 999");
  return Number(text);
}

function readIssuers(source: Source, url: string): string[] {
  if (source.PHONELOG_JWT_ISSUER) return source.PHONELOG_JWT_ISSUER.split(",").map((issuer) => issuer.trim());
  const bases = [url, source.SUPABASE_PUBLIC_URL?.replace(/\/$/, "")].filter((base) => base !== undefined);
  // Inside the CLI's containers the project is called kong, while Auth issues for the address outside.
  if (new URL(url).hostname === "kong") bases.push("http://127.0.0.1:54321");
  return bases.map((base) => `${base}/auth/v1`);
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
    result_cache_mb: readResultCache(source),
    ...readRedisUrl(source),
    ...readOpenAi(source),
  };
}
