/** A Redis server of the machine (Debian's redis-server), on a free port of loopback, without files. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Sends it a signal: `SIGSTOP` pauses it, `SIGCONT` lets it go on. */
  signal(signal: Deno.Signal): void;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again at the same port, empty. */
  restart(): Promise<void>;
}

/** Whether this machine has a Redis server; `.ci/run` installs one. */
export function hasRedis(): boolean {
  try {
    return new Deno.Command("redis-server", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function start(port: number): Promise<Deno.ChildProcess> {
  const child = new Deno.Command("redis-server", {
    args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let printed = "";
  const ready = Promise.withResolvers<void>();
  (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      printed += chunk;
      if (printed.includes("Ready to accept connections")) ready.resolve();
    }
    ready.reject(new Error(`redis-server did not start: ${printed}`));
  })();
  await ready.promise;
  return child;
}

/** Starts a server for a test; dispose of it at the end (`await using`). */
export async function startRedis(): Promise<RedisServer> {
  const port = freePort();
  let child = await start(port);
  const kill = async () => {
    child.kill("SIGKILL");
    await child.status;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => child.kill(signal),
    kill,
    restart: async () => {
      child = await start(port);
    },
    // A process that has ended already cannot be killed.
    [Symbol.asyncDispose]: () => kill().catch(() => {}),
  };
}
