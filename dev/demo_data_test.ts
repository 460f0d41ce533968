import { assertEquals, assertRejects } from "@std/assert";
import { createUser, testDatabase } from "../tests/helpers/database.ts";
import type { Database } from "./database.ts";
import { type DemoOptions, seedDemoOnce } from "./demo_data.ts";

type Seed = NonNullable<DemoOptions["seed"]>;

async function withDatabase(fn: (db: Database) => Promise<void>): Promise<void> {
  const db = await testDatabase();
  await fn(db).finally(() => db.close());
}

const options = (db: Database, seed: Seed): DemoOptions => ({
  db,
  app: { fetch: () => Promise.reject(new Error("not called")) },
  day: "2026-11-22",
  log: () => {},
  seed,
});

Deno.test("seedDemoOnce() seeds an unused database once", () =>
  withDatabase(async (db) => {
    const days: string[] = [];
    const seed: Seed = async (to, _app, day) => {
      await createUser(to, "owner@demo.phonelog.test");
      days.push(day);
    };
    assertEquals([await seedDemoOnce(options(db, seed)), await seedDemoOnce(options(db, seed))], [
      true,
      false,
    ]);
    assertEquals(days, ["2026-11-22"]);
  }));

Deno.test("seedDemoOnce() leaves a database alone that somebody uses", () =>
  withDatabase(async (db) => {
    await createUser(db, "someone@example.com");
    const seed = () => Promise.reject(new Error("seeded over somebody's data"));
    assertEquals(await seedDemoOnce(options(db, seed)), false);
  }));

Deno.test("seedDemoOnce() goes on with a seeding that was cut off", () =>
  withDatabase(async (db) => {
    const cutOff = async (to: Database) => {
      await createUser(to, "owner@demo.phonelog.test");
      throw new Error("killed");
    };
    await assertRejects(() => seedDemoOnce(options(db, cutOff)), Error, "killed");
    assertEquals(await seedDemoOnce(options(db, () => Promise.resolve())), true);
  }));
