import type { Env } from "../env.ts";
import { openRedis, type Redis, REDIS_WAIT_MS } from "./redis.ts";

/** An answer as it is kept; its body says that it was. */
export interface Kept {
  readonly etag: string;
  /** Its content type. */
  readonly type: string;
  readonly body: string;
}

/** An answer with the version of the data that it was made from. */
export interface KeptVersion extends Kept {
  readonly version: string;
}

/** Where the last answer to each question is kept, as one request uses it: what fails does so after 50 ms in all. */
export interface ResultStore {
  /**
   * Asks for the last answer, of whichever version.
   *
   * @returns what waits for it: only from then on that counts as waiting.
   */
  ask(question: string): () => Promise<KeptVersion | undefined>;
  /**
   * Looks an answer of this version up.
   *
   * @returns undefined when it is not there: then the caller is the one to make it, for `claim_ms`, and others get
   * "elsewhere" until it is there.
   */
  look(question: string, version: string, claim_ms: number): Promise<Kept | "elsewhere" | undefined>;
  set(question: string, kept: KeptVersion, keep_ms: number): Promise<void>;
  /** Gives up on making it. */
  release(question: string, version: string): Promise<void>;
}

/** Entries that were used last, up to so many characters of them. */
class MemoryStore implements ResultStore {
  readonly #entries = new Map<string, KeptVersion & { until: number }>();
  #length = 0;

  constructor(readonly max_length: number) {}

  #drop(question: string): void {
    this.#length -= this.#entries.get(question)?.body.length ?? 0;
    this.#entries.delete(question);
  }

  #find(question: string): KeptVersion | undefined {
    const found = this.#entries.get(question);
    if (found !== undefined && found.until <= Date.now()) {
      this.#drop(question);
      return undefined;
    }
    if (found !== undefined) {
      this.#entries.delete(question);
      this.#entries.set(question, found);
    }
    return found;
  }

  ask(question: string): () => Promise<KeptVersion | undefined> {
    return () => Promise.resolve(this.#find(question));
  }

  look(question: string, version: string): Promise<Kept | undefined> {
    const found = this.#find(question);
    return Promise.resolve(found?.version === version ? found : undefined);
  }

  set(question: string, kept: KeptVersion, keep_ms: number): Promise<void> {
    this.#drop(question);
    this.#entries.set(question, { ...kept, until: Date.now() + keep_ms });
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

/**
 * KEYS: the last answer, who makes the one of this version. ARGV: ms, how its text begins. Answers the text, 1 when the
 * caller may make it, 0 when another does.
 */
const LOOK = `
local kept = redis.call('GET', KEYS[1])
if kept and string.sub(kept, 1, #ARGV[2]) == ARGV[2] then return kept end
if redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1]) then return 1 end
return 0`;

/** @returns undefined for a text that is not an answer, or not whole. */
function parse(text: unknown): KeptVersion | undefined {
  const found = typeof text === "string" ? /^(.*)\n(.*)\n(.*)\n([^]*)$/.exec(text) : null;
  if (found === null) return undefined;
  const [, version = "", etag = "", type = "", body = ""] = found;
  return { version, etag, type, body };
}

/** Keeps an answer as `version\netag\ntype\nbody` under its question, for no longer than it may be kept. */
function redisStore(redis: Redis): ResultStore {
  let left_ms = REDIS_WAIT_MS;
  const name = (question: string) => `phonelog:result:${question}`;
  const lock = (question: string, version: string) => `phonelog:making:${question}:${version}`;

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
    ask(question) {
      const sent = redis.send((client) => client.get(name(question)));
      sent.catch(() => {});
      return async () => parse(await run(() => sent));
    },
    async look(question, version, claim_ms) {
      const found = await run((client) =>
        client.eval(LOOK, {
          keys: [name(question), lock(question, version)],
          arguments: [String(claim_ms), `${version}\n`],
        })
      );
      return found === 0 ? "elsewhere" : parse(found);
    },
    async set(question, { version, etag, type, body }, keep_ms) {
      // Nobody waits for an answer that another version has taken the place of.
      await run((client) =>
        Promise.all([
          client.set(name(question), `${version}\n${etag}\n${type}\n${body}`, { PX: keep_ms }),
          client.del(lock(question, version)),
        ])
      );
    },
    async release(question, version) {
      await run((client) => client.del(lock(question, version)));
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
