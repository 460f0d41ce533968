import type { Context } from "hono";
import type { Admin } from "../access/admin.ts";
import type { PresentedKey } from "../access/api_key.ts";
import { addressBucket } from "../access/client_address.ts";
import type { Env } from "../env.ts";
import type { VerifiedKey } from "../access/key_token.ts";
import { Problem } from "../http/problem.ts";
import { redisBuckets } from "./redis_buckets.ts";

/** So many tokens, coming back over so many seconds. */
export interface Limit {
  readonly limit: number;
  readonly window: number;
}

/** What is limited, each with its bucket. */
export type Limits = Readonly<Partial<Record<"user" | "key" | "address", Limit>>>;

/** A bucket to charge. */
export interface Bucket extends Limit {
  readonly name: string;
  readonly bucket: string;
}

/** What became of a bucket: `remaining` tokens, seconds until it is full, and until there are enough (0 when there are). */
export interface Verdict extends Limit {
  readonly name: string;
  readonly allowed: boolean;
  readonly remaining: number;
  readonly reset: number;
  readonly retry_after: number;
}

/** Who asks, and what it costs. */
export interface Asking {
  readonly cost: number;
  /** As `clientAddress` gives it. */
  readonly address: string | undefined;
  readonly user_id?: string | undefined;
  readonly key?: PresentedKey | undefined;
}

/** `admit_request`'s answer; verdicts are null where nothing was charged. */
export interface Admission {
  readonly key: ({ state: "valid" } & VerifiedKey) | { state: "expired" | "invalid" } | null;
  readonly limits: Limits;
  readonly verdicts: readonly Verdict[] | null;
}

/** Verifies a key and charges the buckets, as a rule in one round trip. */
export type Admit = (asking: Asking, headers: Record<string, string>) => Promise<Admission>;

/** From this cost on a route is closed while nothing can count its requests. */
const EXPENSIVE = 5;
/** How long an isolate goes by what it knows of a person's limits, where Redis counts. */
const LIMITS_KNOWN_MS = 60_000;
const MAX_KNOWN = 1000;

function bucketsOf(limits: Limits, ids: Readonly<Record<keyof Limits, string | undefined>>): Bucket[] {
  return (["user", "key", "address"] as const).flatMap((name) => {
    const [limit, id] = [limits[name], ids[name]];
    return limit === undefined || id === undefined ? [] : [{ name, bucket: `${name}:${id}`, ...limit }];
  });
}

/** Makes what admits requests: Redis counts where there is one and it answers, else Postgres. */
export function createAdmit(env: Env, admin: Admin): Admit {
  const is_limited = Object.keys(env.rate_limits).length > 0;
  const redis = env.redis_url === undefined ? undefined : redisBuckets(env.redis_url);
  const known = new Map<string, { limits: Limits; until: number }>();

  function ask(asking: Asking, headers: Record<string, string>, charge: boolean): Promise<Admission> {
    return admin.rpc("admit_request", {
      limits: env.rate_limits,
      cost: asking.cost,
      charge,
      ...(asking.user_id !== undefined && { user_id: asking.user_id }),
      ...(asking.key !== undefined && { key_id: asking.key.id, key_hash: asking.key.hash }),
      ...(asking.address !== undefined && {
        address: asking.address,
        address_bucket: addressBucket(asking.address),
      }),
    }, headers);
  }

  async function inPostgres(asking: Asking, headers: Record<string, string>): Promise<Admission> {
    try {
      const admission = await ask(asking, headers, is_limited);
      // A key is judged where nothing is counted, too.
      return is_limited ? admission : { ...admission, verdicts: [] };
    } catch (error) {
      // Without the database no key can be told from another.
      if (asking.key !== undefined) throw error;
      return { key: null, limits: {}, verdicts: null };
    }
  }

  /** The limits of a person change seldom: they are asked for once a minute. */
  async function withoutCharge(asking: Asking, headers: Record<string, string>): Promise<Admission> {
    const found = known.get(asking.user_id ?? "");
    if (asking.key === undefined && found !== undefined && found.until > Date.now()) {
      return { key: null, limits: found.limits, verdicts: null };
    }
    const admission = await ask(asking, headers, false).catch((error) => {
      if (asking.key !== undefined) throw error;
      return { key: null, limits: env.rate_limits, verdicts: null };
    });
    if (asking.user_id !== undefined) {
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(asking.user_id, { limits: admission.limits, until: Date.now() + LIMITS_KNOWN_MS });
    }
    return admission;
  }

  return async (asking, headers) => {
    if (!is_limited && asking.key === undefined) return { key: null, limits: {}, verdicts: [] };
    if (redis === undefined || !is_limited) return await inPostgres(asking, headers);
    const admission = await withoutCharge(asking, headers);
    const key = admission.key?.state === "valid" ? admission.key : undefined;
    const buckets = bucketsOf(admission.limits, {
      user: key?.user_id ?? asking.user_id,
      key: key?.key_id,
      address: asking.address === undefined ? undefined : addressBucket(asking.address),
    });
    try {
      return { ...admission, verdicts: await redis.charge(buckets, asking.cost) };
    } catch {
      return await inPostgres(asking, headers);
    }
  };
}

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11), a member for each bucket. */
export function stateLimits(c: Context, verdicts: readonly Verdict[]): void {
  if (verdicts.length === 0) return;
  c.header("RateLimit-Policy", verdicts.map((v) => `"${v.name}";q=${v.limit};w=${v.window}`).join(", "));
  c.header("RateLimit", verdicts.map((v) => `"${v.name}";r=${v.remaining};t=${v.reset}`).join(", "));
}

/**
 * Refuses what went over a limit, and what is expensive while nothing counts.
 *
 * @throws Problem `rate_limited` with `Retry-After`, or `rate_limit_unavailable`.
 */
export function requireTokens(c: Context, verdicts: readonly Verdict[] | null, cost: number): void {
  if (verdicts === null) {
    if (cost < EXPENSIVE) return;
    throw new Problem("rate_limit_unavailable", "Requests cannot be counted now, and this one is expensive");
  }
  const refused = verdicts.filter((verdict) => !verdict.allowed);
  if (refused.length === 0) return;
  c.header("Retry-After", String(Math.max(...refused.map((verdict) => verdict.retry_after))));
  throw new Problem("rate_limited", `Too many requests: the limit of the ${refused[0]?.name} is reached`);
}
