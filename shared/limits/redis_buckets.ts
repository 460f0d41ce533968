import type { Bucket, Verdict } from "./rate_limit.ts";
import { openRedis } from "../cache/redis.ts";

/** Token buckets in Redis. */
export interface RedisBuckets {
  /**
   * Charges as `private.charge_buckets` does.
   *
   * @throws Error within 50 ms when Redis is away, slow or full.
   */
  charge(buckets: readonly Bucket[], cost: number): Promise<Verdict[]>;
  /** Ends the connection, for tests. */
  close(): void;
}

/** ARGV: cost, then limit and window of each key. Answers {allowed, remaining, reset, retry_after} for each. */
const CHARGE = `
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local found, is_allowed = {}, true
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local rate, cost = limit / window, math.min(tonumber(ARGV[1]), limit)
  local kept = redis.call('HMGET', key, 'tokens', 'charged_at')
  local tokens = limit
  if kept[1] then tokens = math.min(limit, kept[1] + math.max(now - kept[2], 0) * rate) end
  found[i] = {limit = limit, rate = rate, cost = cost, tokens = tokens, is_enough = tokens >= cost}
  is_allowed = is_allowed and found[i].is_enough
end
local verdicts = {}
for i, key in ipairs(KEYS) do
  local b = found[i]
  if is_allowed then
    b.tokens = b.tokens - b.cost
    redis.call('HSET', key, 'tokens', string.format('%.17g', b.tokens), 'charged_at', string.format('%.17g', now))
    redis.call('PEXPIRE', key, math.ceil((b.limit - b.tokens) / b.rate * 1000) + 1000)
  end
  verdicts[i] = {b.is_enough and 1 or 0, math.floor(b.tokens), math.ceil((b.limit - b.tokens) / b.rate),
    b.is_enough and 0 or math.max(1, math.ceil((b.cost - b.tokens) / b.rate))}
end
return verdicts`;

type Numbers = [allowed: number, remaining: number, reset: number, retry_after: number];

/** The buckets at this URL (`redis://` or `rediss://`). */
export function redisBuckets(url: string): RedisBuckets {
  const redis = openRedis(url);
  return {
    async charge(buckets, cost) {
      const answers = await redis.run((client) =>
        client.eval(CHARGE, {
          keys: buckets.map(({ bucket }) => `phonelog:limit:${bucket}`),
          arguments: [cost, ...buckets.flatMap(({ limit, window }) => [limit, window])].map(String),
        })
      ) as Numbers[];
      return answers.map(([allowed, remaining, reset, retry_after], i) => {
        const { name = "", limit = 0, window = 0 } = buckets[i] ?? {};
        return { name, allowed: allowed === 1, limit, window, remaining, reset, retry_after };
      });
    },
    close: () => redis.close(),
  };
}
