import { assertEquals } from "@std/assert";
import { startScheduler } from "./scheduler.ts";

/** Time that stands still until it is moved on: what croner reads and waits by. */
class FakeTime {
  readonly #date = Date;
  readonly #timers = new Map<number, { at: number; fn: () => void }>();
  readonly #set = globalThis.setTimeout;
  readonly #clear = globalThis.clearTimeout;
  #next = 1;
  #now: number;

  constructor(start: string) {
    this.#now = Date.parse(start);
    const now = () => this.#now;
    const RealDate = this.#date;
    globalThis.Date = class extends RealDate {
      constructor(...args: unknown[]) {
        super(...(args.length === 0 ? [now()] : args) as []);
      }
      static override now = now;
    } as DateConstructor;
    globalThis.setTimeout = ((fn: () => void, ms = 0) => {
      this.#timers.set(this.#next, { at: this.#now + ms, fn });
      return this.#next++;
    }) as unknown as typeof setTimeout;
    globalThis.clearTimeout = (id) => void this.#timers.delete(Number(id));
  }

  /** Moves on, and lets what is due then run. */
  async advance(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.#now = Math.max(this.#now, due[1].at);
      due[1].fn();
      await this.settle();
    }
    this.#now = end;
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  get waiting(): number {
    return this.#timers.size;
  }

  [Symbol.dispose](): void {
    globalThis.Date = this.#date;
    globalThis.setTimeout = this.#set;
    globalThis.clearTimeout = this.#clear;
  }
}

const ok = () => Promise.resolve(new Response("{}"));

Deno.test("The scheduler asks once at the beginning of each minute, and runs what is due", async () => {
  using time = new FakeTime("2026-11-23T02:00:30Z");
  const asked: string[] = [];
  const ran: string[] = [];
  const scheduler = startScheduler({
    listDue: () => {
      asked.push(new Date().toISOString());
      return Promise.resolve(asked.length === 2 ? ["a", "b"] : ["a"]);
    },
    run: (name) => (ran.push(name), ok()),
    log: (line) => ran.push(line),
  });
  await time.advance(29);
  assertEquals(asked, []);
  await time.advance(121);
  assertEquals(asked, ["2026-11-23T02:01:00.000Z", "2026-11-23T02:02:00.000Z", "2026-11-23T02:03:00.000Z"]);
  assertEquals(ran, ["a", "a", "b", "a"]);
  await scheduler.stop();
  await time.advance(300);
  assertEquals([asked.length, time.waiting], [3, 0]);
});

Deno.test("A job that still runs is not started again, and holds up no other", async () => {
  using time = new FakeTime("2026-11-23T02:00:30Z");
  const ran: string[] = [];
  const slow = Promise.withResolvers<Response>();
  const scheduler = startScheduler({
    listDue: () => Promise.resolve(["slow", "quick"]),
    run: (name) => (ran.push(name), name === "slow" ? slow.promise : ok()),
    log: (line) => ran.push(line),
  });
  await time.advance(150);
  assertEquals(ran, ["slow", "quick", "quick", "quick"].slice(0, ran.length));
  assertEquals(ran.filter((name) => name === "slow").length, 1);
  slow.resolve(new Response("{}"));
  await time.settle();
  await scheduler.stop();
});

Deno.test("What fails is said, and the next minute comes all the same; a job that runs elsewhere is no failure", async () => {
  using time = new FakeTime("2026-11-23T02:00:30Z");
  const log: string[] = [];
  let minute = 0;
  const scheduler = startScheduler({
    listDue: () => {
      minute++;
      if (minute === 1) return Promise.reject(new Error("no database"));
      return Promise.resolve(["busy", "bad", "worse"]);
    },
    run: (name) => {
      if (name === "worse") return Promise.reject(new Error("no network"));
      return Promise.resolve(new Response(name, { status: name === "busy" ? 409 : 500 }));
    },
    log: (line) => log.push(line),
  });
  await time.advance(40);
  await time.advance(60);
  assertEquals(log.toSorted(), [
    "Cannot start the jobs: no database",
    "The job bad failed: bad",
    "The job worse failed: no network",
  ]);
  await scheduler.stop();
});

Deno.test("Stopping waits for what runs, but not for ever", async () => {
  using time = new FakeTime("2026-11-23T02:00:30Z");
  const scheduler = startScheduler({
    listDue: () => Promise.resolve(["endless"]),
    run: () => new Promise(() => {}),
    log: () => {},
  });
  await time.advance(40);
  let stopped = false;
  const stopping = scheduler.stop().then(() => stopped = true);
  await time.advance(2);
  assertEquals(stopped, false);
  await time.advance(2);
  await stopping;
  assertEquals(stopped, true);
});
