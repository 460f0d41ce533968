import { Cron } from "croner";

const MAX_STOP_MS = 3000;

/** What a scheduler starts. */
export interface SchedulerOptions {
  /** Names the jobs that are due now: schedules, zones and retries are the database's to judge. */
  listDue: () => Promise<string[]>;
  /** Runs a job to its end. */
  run: (name: string) => Promise<Response>;
  log: (message: string) => void;
}

/** A running scheduler. */
export interface Scheduler {
  /** Starts what is due, as each minute does, and waits for it. */
  tick(): Promise<void>;
  /** Starts nothing more, and waits a moment for what runs; a run that is cut off is taken up again later. */
  stop(): Promise<void>;
}

/** What pg_cron does on a server: each minute starts the jobs that are due, side by side. */
export function startScheduler({ listDue, run, log }: SchedulerOptions): Scheduler {
  const in_hand = new Map<string, Promise<void>>();

  async function runLogged(name: string): Promise<void> {
    try {
      const response = await run(name);
      const body = await response.text();
      if (!response.ok && response.status !== 409) log(`The job ${name} failed: ${body}`);
    } catch (error) {
      log(`The job ${name} failed: ${error instanceof Error ? error.message : error}`);
    } finally {
      in_hand.delete(name);
    }
  }

  async function startDue(): Promise<void> {
    for (const name of await listDue()) {
      if (!in_hand.has(name)) in_hand.set(name, runLogged(name));
    }
  }

  const cron = new Cron("* * * * *", {
    protect: true,
    catch: (error) => log(`Cannot start the jobs: ${error instanceof Error ? error.message : error}`),
  }, startDue);

  return {
    tick: async () => {
      await startDue();
      await Promise.all(in_hand.values());
    },
    stop: async () => {
      cron.stop();
      const limit = Promise.withResolvers<void>();
      const timer = setTimeout(limit.resolve, MAX_STOP_MS);
      await Promise.race([Promise.all(in_hand.values()), limit.promise]);
      clearTimeout(timer);
    },
  };
}
