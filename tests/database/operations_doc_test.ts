import { assert, assertEquals } from "@std/assert";
import { testDatabase } from "../helpers/database.ts";
import { ROOT } from "../helpers/processes.ts";

const text = await Deno.readTextFile(`${ROOT}docs/operations.md`);

/** What the platform has and a plain database has not. */
const OF_THE_PLATFORM = /\b(vault|net|cron)\.|create extension|alter (role|database)/;

/** The statements of the document, those in running text too. */
function statements(): string[] {
  const blocks = [...text.matchAll(/```sql\n(.*?)```/gs)].flatMap(([, sql = ""]) => sql.split(/;\n/));
  const prose = text.replaceAll(/```.*?```/gs, "");
  const inline = [...prose.matchAll(/`((?:select|update|alter|delete|insert)\s[^`]+)`/g)].map((
    [, sql = ""],
  ) => sql);
  return [...blocks, ...inline].map((sql) => sql.trim().replace(/;$/, "")).filter((sql) => sql !== "");
}

Deno.test("Every table and function that operations.md names is there, and every job of it and of the schedule", async () => {
  const db = await testDatabase();
  try {
    const names = new Set([...text.matchAll(/\b(?:private|public)\.[a-z_]+/g)].map(([name]) => name));
    assert(names.size > 8);
    for (const name of names) {
      const [found] = await db.query<{ is: boolean }>(
        `select to_regclass($1) is not null or exists (
           select from pg_proc where pronamespace::regnamespace || '.' || proname = $1) as is`,
        [name],
      );
      assertEquals([name, found?.is], [name, true]);
    }
    const table = /^\| job .*?\n\n/ms.exec(text)?.[0] ?? "";
    const told = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = ""]) =>
      cell.match(/[a-z_]+\*?/g) ?? []
    );
    const jobs = (await db.query<{ name: string }>("select name from private.job_schedule")).map(({ name }) =>
      name
    );
    const fits = (name: string, job: string) =>
      name.endsWith("*") ? job.startsWith(name.slice(0, -1)) : name === job;
    assertEquals(jobs.filter((job) => !told.some((name) => fits(name, job))), []);
    assertEquals(told.filter((name) => !jobs.some((job) => fits(name, job))), []);
  } finally {
    await db.close();
  }
});

Deno.test("Every statement of operations.md that needs no platform runs", async () => {
  const db = await testDatabase();
  try {
    const run = statements().filter((sql) =>
      !OF_THE_PLATFORM.test(sql) && !sql.includes("install_job_schedules")
    );
    assert(run.length >= 5, run.join("\n"));
    for (const sql of run) {
      await db.query(sql).catch((cause) => {
        throw new Error(`operations.md: ${sql}`, { cause });
      });
    }
  } finally {
    await db.close();
  }
});

Deno.test("Every secret that operations.md names is one that the README lists", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const names = new Set(
    [...text.matchAll(/`((?:PHONELOG|OPENAI|REDIS)_[A-Z_]+)/g)].map(([, name = ""]) => name),
  );
  assert(names.size > 8);
  assertEquals([...names].filter((name) => !readme.includes(`\`${name}`)), []);
});
