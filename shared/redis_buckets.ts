import type { Bucket, Verdict } from "./rate_limit.ts";

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

/** What Redis may cost a request that then goes to Postgres. */
const TIMEOUT_MS = 50;
/** After a time-out nobody waits for it again for so long. */
const REST_MS = 1000;
const MAX_RECONNECT_MS = 2000;

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

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("Redis took too long")), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function connect(url: string) {
  const { createClient } = await import("redis");
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(TIMEOUT_MS * 2 ** retries, MAX_RECONNECT_MS),
    },
  });
  // Each request that fails says so; without a listener the process would end.
  client.on("error", () => {});
  // Settles when it is reached for the first time, however long that takes.
  const reached = client.connect();
  reached.catch(() => {});
  return { client, reached };
}

function createRedisBuckets(url: string): RedisBuckets {
  const connection = connect(url);
  connection.catch(() => {});
  let resting_until = 0;

  async function evaluate(buckets: readonly Bucket[], cost: number): Promise<Numbers[]> {
    const { client, reached } = await connection;
    if (!client.isReady) await reached;
    return await client.eval(CHARGE, {
      keys: buckets.map(({ bucket }) => `phonelog:limit:${bucket}`),
      arguments: [cost, ...buckets.flatMap(({ limit, window }) => [limit, window])].map(String),
    }) as Numbers[];
  }

  return {
    async charge(buckets, cost) {
      if (performance.now() < resting_until) throw new Error("Redis did not answer a moment ago");
      const answers = await within(TIMEOUT_MS, evaluate(buckets, cost)).catch((error) => {
        resting_until = performance.now() + REST_MS;
        throw error;
      });
      return answers.map(([allowed, remaining, reset, retry_after], i) => {
        const { name = "", limit = 0, window = 0 } = buckets[i] ?? {};
        return { name, allowed: allowed === 1, limit, window, remaining, reset, retry_after };
      });
    },
    close() {
      opened.delete(url);
      connection.then(({ client }) => client.destroy()).catch(() => {});
    },
  };
}

const opened = new Map<string, RedisBuckets>();

/** The buckets at this URL (`redis://` or `rediss://`): one connection for all that is served from here. */
export function redisBuckets(url: string): RedisBuckets {
  const buckets = opened.get(url) ?? createRedisBuckets(url);
  opened.set(url, buckets);
  return buckets;
}
