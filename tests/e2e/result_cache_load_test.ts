import { assert, assertEquals } from "@std/assert";
import { openRedis } from "../../shared/cache/redis.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";
import { hasRedis, startRedis } from "../helpers/redis.ts";

/** Requests of the whole run, and how often Redis is killed in it; the bar is 10,000 and 20. */
const TURNS = Number(Deno.env.get("PHONELOG_CACHE_TURNS") ?? 240);
const KILLS = Number(Deno.env.get("PHONELOG_CACHE_KILLS") ?? 2);
const CLIENTS = 8;
const PERIOD = "from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:00Z";

/** A person whose events are counted here, too. */
interface Logger {
  readonly user: ApiUser;
  /** Sent, and answered. */
  sent: number;
  stored: number;
}

/** What a run came to. */
interface Tally {
  reads: number;
  writes: number;
  hit: number;
  miss: number;
  off: number;
  /** Answers with less than was stored when they were asked for, or with more than was sent when they came. */
  stale: string[];
  wrong: string[];
  errors: string[];
}

async function write(logger: Logger): Promise<void> {
  const ts = new Date(Date.UTC(2026, 4, 1) + ++logger.sent * 120_000).toISOString();
  await logger.user.log([{ ts, number: "+447700900001", type: "call", direction: "inbound", duration: 30 }]);
  logger.stored++;
}

async function read(reader: ApiUser, of: readonly Logger[], path: string, tally: Tally): Promise<void> {
  const sum = (count: "sent" | "stored") => of.reduce((all, logger) => all + logger[count], 0);
  const least = sum("stored");
  const { status, body } = await reader.get(path);
  tally.reads++;
  if (status !== 200) return void tally.errors.push(`${status} ${JSON.stringify(body)}`);
  const total = body.data.total_events ?? body.data.totals.total_events;
  tally[body.meta.cache as "hit"]++;
  if (total < least) tally.stale.push(`${path}: ${total} of ${least}`);
  if (total > sum("sent")) tally.wrong.push(`${path}: ${total} of ${sum("sent")}`);
}

/** Clients that write now and then and read in between: their own figures, a teammate's, the team's. */
async function mixedLoad(
  loggers: readonly Logger[],
  atTurn: (turn: number) => Promise<void>,
): Promise<Tally> {
  const tally: Tally = { reads: 0, writes: 0, hit: 0, miss: 0, off: 0, stale: [], wrong: [], errors: [] };
  let turn = 0;
  let random = 7;
  const next = (n: number) => (random = (random * 48_271) % 2_147_483_647) % n;
  await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
    const own = loggers[client % loggers.length] as Logger;
    while (turn < TURNS) {
      await atTurn(turn++);
      const other = loggers[next(loggers.length)] as Logger;
      switch (next(5)) {
        case 0:
          tally.writes++;
          await write(own).catch((error) => tally.errors.push(String(error)));
          break;
        case 1:
          await read(own.user, loggers, `/api/dashboard/team?${PERIOD}`, tally);
          break;
        default:
          await read(own.user, [other], `/api/dashboard/metrics?${PERIOD}&user_id=${other.user.id}`, tally);
      }
    }
  }));
  return tally;
}

async function loadedStack(secrets: Record<string, string>) {
  const stack = await disposableStack({
    surfaces: ["dashboard", "events"],
    secrets: { PHONELOG_RATE_LIMITS: "off", ...secrets },
  });
  const users = [await ApiUser.signUp(stack, "ann"), await ApiUser.signUp(stack, "ben")] as const;
  await organization(stack, { owner: users[0], analyst: users[1] });
  return { stack, loggers: users.map((user): Logger => ({ user, sent: 0, stored: 0 })) };
}

function assertSound(tally: Tally): void {
  assertEquals([tally.errors, tally.stale, tally.wrong], [[], [], []]);
  assert(tally.hit > tally.reads / 20, `Kept answers were given: ${tally.hit} of ${tally.reads}`);
  assert(tally.writes > TURNS / 10);
}

/** As soon as the store answers again, answers are kept as ever, and as long as they are true. */
async function assertKept(logger: Logger): Promise<void> {
  const ask = async () => {
    const { body } = await logger.user.get(`/api/dashboard/metrics?${PERIOD}`);
    return [body.meta.cache, body.data.total_events];
  };
  while ((await ask())[0] === "off");
  for (let n = 0; n < 5; n++) {
    await write(logger);
    assertEquals([await ask(), await ask()], [["miss", logger.stored], ["hit", logger.stored]]);
  }
}

Deno.test("No read among writes of 8 clients is stale", async () => {
  const { stack, loggers } = await loadedStack({});
  await using _ = stack;
  const tally = await mixedLoad(loggers, () => Promise.resolve());
  assertSound(tally);
  assertEquals(tally.off, 0);
  // deno-lint-ignore no-console -- the long run is read by a person
  if (TURNS >= 1000) console.log(tally);
});

Deno.test("Redis is killed, paused and started again under load: no error, no wrong answer", {
  ignore: !hasRedis(),
}, async () => {
  await using redis = await startRedis();
  const { stack, loggers } = await loadedStack({ REDIS_URL: redis.url });
  await using _ = stack;
  const blows = [
    () => redis.kill(),
    () => redis.restart(),
    () => Promise.resolve(redis.signal("SIGSTOP")),
    () => Promise.resolve(redis.signal("SIGCONT")),
  ];
  const every = Math.floor(TURNS / (KILLS * blows.length + 1));
  let dealt = 0;
  try {
    const tally = await mixedLoad(loggers, async (turn) => {
      if (turn % every === every - 1 && dealt < KILLS * blows.length) await blows[dealt++ % blows.length]?.();
    });
    assertEquals(dealt, KILLS * blows.length);
    assertEquals([tally.errors, tally.stale, tally.wrong], [[], [], []]);
    assert(tally.off > 0 && tally.hit > 0, JSON.stringify(tally));
    await assertKept(loggers[0] as Logger);
    // deno-lint-ignore no-console -- the long run is read by a person
    if (TURNS >= 1000) console.log(tally);
  } finally {
    openRedis(redis.url).close();
  }
});
