import type { Env } from "../env.ts";
import { openRedis, type Redis, REDIS_WAIT_MS } from "./redis.ts";

/** An answer as it is kept; its body says that it was. */
export interface Kept {
  readonly etag: string;
  /** Its content type. */
  readonly type: string;
  readonly body: string;
}

/** Where answers are kept, as one request uses it: what fails does so after 50 ms in all. */
export interface ResultStore {
  /**
   * Looks an answer up.
   *
   * @returns undefined when it is not there: then the caller is the one to make it, for `claim_ms`, and others get
   * "elsewhere" as long as it is not there.
   */
  look(key: string, claim_ms: number): Promise<Kept | "elsewhere" | undefined>;
  set(key: string, kept: Kept, keep_ms: number): Promise<void>;
  /** Gives up on making it. */
  release(key: string): Promise<void>;
}

/** Entries that were used last, up to so many characters of them. */
class MemoryStore implements ResultStore {
  readonly #entries = new Map<string, Kept & { until: number }>();
  #length = 0;

  constructor(readonly max_length: number) {}

  #drop(key: string): void {
    this.#length -= this.#entries.get(key)?.body.length ?? 0;
    this.#entries.delete(key);
  }

  look(key: string): Promise<Kept | undefined> {
    const found = this.#entries.get(key);
    if (found !== undefined && found.until <= Date.now()) {
      this.#drop(key);
      return Promise.resolve(undefined);
    }
    if (found !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, found);
    }
    return Promise.resolve(found);
  }

  set(key: string, kept: Kept, keep_ms: number): Promise<void> {
    this.#drop(key);
    this.#entries.set(key, { ...kept, until: Date.now() + keep_ms });
    this.#length += kept.body.length;
    for (const [oldest, { until }] of this.#entries) {
      if (this.#length <= this.max_length && until > Date.now()) break;
      this.#drop(oldest);
    }
    return Promise.resolve();
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** KEYS: an answer, who makes it. ARGV: ms. Answers the text, 1 when the caller may make it, 0 when another does. */
const LOOK = `
local kept = redis.call('GET', KEYS[1])
if kept then return kept end
if redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1]) then return 1 end
return 0`;

/** Keeps an answer as `etag\ntype\nbody` under its key, for no longer than it may be kept. */
function redisStore(redis: Redis): ResultStore {
  let left_ms = REDIS_WAIT_MS;
  const name = (key: string) => `phonelog:result:${key}`;
  const lock = (key: string) => `phonelog:making:${key}`;

  const run: Redis["run"] = async (commands) => {
    if (left_ms <= 0) throw new Error("Redis took too long");
    const started = performance.now();
    try {
      return await redis.run(commands, left_ms);
    } finally {
      left_ms -= performance.now() - started;
    }
  };

  return {
    async look(key, claim_ms) {
      const found = await run((client) =>
        client.eval(LOOK, { keys: [name(key), lock(key)], arguments: [String(claim_ms)] })
      );
      if (typeof found !== "string") return found === 1 ? undefined : "elsewhere";
      const [, etag = "", type = "", body = ""] = /^(.*)\n(.*)\n([^]*)$/.exec(found) ?? [];
      return { etag, type, body };
    },
    async set(key, { etag, type, body }, keep_ms) {
      await run((client) => client.set(name(key), `${etag}\n${type}\n${body}`, { PX: keep_ms }));
    },
    async release(key) {
      await run((client) => client.del(lock(key)));
    },
  };
}

/** Where this project's answers are kept: gives each request its store; undefined: nowhere. */
export function resultStores(env: Env): (() => ResultStore) | undefined {
  if (env.result_cache_mb === 0) return undefined;
  if (env.redis_url === undefined) {
    const memory = new MemoryStore(env.result_cache_mb * 1_000_000);
    return () => memory;
  }
  const redis = openRedis(env.redis_url);
  return () => redisStore(redis);
}
