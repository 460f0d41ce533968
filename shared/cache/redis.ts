/** What commands are called on. */
export type RedisClient = Awaited<ReturnType<typeof connect>>["client"];

/** A Redis server that may be away at any time. */
export interface Redis {
  /**
   * Sends commands. How long to wait for what they answer is up to `run`.
   *
   * @throws Error when Redis is away, and for a while after a time-out.
   */
  send<T>(commands: (client: RedisClient) => Promise<T>): Promise<T>;
  /**
   * Runs commands.
   *
   * @param wait_ms What they may take, connecting included.
   * @throws Error when Redis is away, slow or full, after `wait_ms` at most; for a while after a time-out at once.
   */
  run<T>(commands: (client: RedisClient) => Promise<T>, wait_ms?: number): Promise<T>;
  /** Ends the connection, for tests. */
  close(): void;
}

/** What Redis may cost a request that can do without it. */
export const REDIS_WAIT_MS = 50;
/** After a time-out nobody waits for it again for so long. */
const REST_MS = 1000;
const GRACE_MS = 5;
/** Connecting goes on while requests do without: TLS to another region takes longer than they may wait. */
const CONNECT_MS = 2000;

async function connect(url: string) {
  const { createClient } = await import("redis");
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (retries) => Math.min(REDIS_WAIT_MS * 2 ** retries, CONNECT_MS),
    },
  });
  // Each request that fails says so; without a listener the process would end.
  client.on("error", () => {});
  // Settles when it is reached for the first time, however long that takes.
  const reached = client.connect();
  reached.catch(() => {});
  return { client, reached };
}

function createRedis(url: string): Redis {
  const connection = connect(url);
  const first_until = performance.now() + REDIS_WAIT_MS;
  let resting_until = 0;
  let client: RedisClient | undefined;
  connection.then((connected) => client = connected.client).catch(() => {});

  async function send<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    if (performance.now() < resting_until) throw new Error("Redis did not answer a moment ago");
    // The first requests of an isolate wait for the connection, later ones do without until it is there.
    if (!client?.isReady && performance.now() < first_until) await (await connection).reached;
    if (!client?.isReady) throw new Error("Redis is away");
    return await commands(client);
  }

  return {
    send,
    async run(commands, wait_ms = REDIS_WAIT_MS) {
      const late = Promise.withResolvers<never>();
      const giveUp = () => {
        // Who had less time left says nothing of Redis.
        if (client?.isReady && wait_ms >= REDIS_WAIT_MS) resting_until = performance.now() + REST_MS;
        late.reject(new Error("Redis took too long"));
      };
      // What has arrived while this isolate was busy is read before the end.
      let timer = setTimeout(() => timer = setTimeout(giveUp, GRACE_MS), Math.max(wait_ms - GRACE_MS, 0));
      try {
        return await Promise.race([send(commands), late.promise]);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      opened.delete(url);
      connection.then(({ client }) => client.destroy()).catch(() => {});
    },
  };
}

const opened = new Map<string, Redis>();

/** The server at this URL (`redis://` or `rediss://`): one connection for all that is served from here. */
export function openRedis(url: string): Redis {
  const redis = opened.get(url) ?? createRedis(url);
  opened.set(url, redis);
  return redis;
}
