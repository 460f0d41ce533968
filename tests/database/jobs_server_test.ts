import { assert, assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { type Database, openDatabase } from "../../dev/database.ts";
import { withDatabaseLock } from "../../dev/database_lock.ts";
import { readMigrations } from "../../dev/migrations.ts";
import { prepareDatabase } from "../../dev/prepare_database.ts";
import { testDatabase } from "../helpers/database.ts";

// Connections that compete, and that are killed, need a server.
const database_url = Deno.env.get("DATABASE_URL");
const ignore = !database_url;

const PROBE = `
create table private.probe (id bigint generated always as identity primary key, pid integer);
create function private.job_probe(deadline timestamptz) returns jsonb language plpgsql set search_path = '' as $$
begin
  insert into private.probe (pid) values (pg_backend_pid());
  perform pg_advisory_xact_lock_shared(4711);
  return '{"rows": 1}';
end $$;
insert into private.job_schedule (name, cron) values ('probe', '0 0 1 1 *');`;

async function urlOf(db: Database): Promise<string> {
  const [{ name }] = await db.query<{ name: string }>("select current_database() as name") as [
    { name: string },
  ];
  const url = new URL(database_url ?? "");
  url.pathname = `/${name}`;
  return url.href;
}

/** Waits for something that another process does. */
async function until(what: string, seconds: number, is: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!await is()) {
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

Deno.test({ name: "Of many starts at once exactly one is a run", ignore }, async () => {
  const db = await testDatabase();
  const sql = postgres(await urlOf(db), { max: 20, onnotice: () => {} });
  try {
    await db.exec(PROBE);
    for (let round = 1; round <= 5; round++) {
      const starts = await Promise.all(
        Array.from({ length: 20 }, () => sql`select private.start_job_run('probe') as run`),
      );
      const runs = starts.flatMap(([row]) => row?.run ? [row.run.run_id as string] : []);
      assertEquals([round, runs.length], [round, 1]);
      // And of many who would go on with it, one does.
      const steps = await Promise.allSettled(
        Array.from({ length: 20 }, () => sql`select private.advance_job_run(${runs[0] ?? ""}) as step`),
      );
      assertEquals(steps.filter(({ status }) => status === "fulfilled").length, 1);
    }
    assertEquals(await db.query("select count(*)::int as rows from private.probe"), [{ rows: 5 }]);
  } finally {
    await sql.end();
    await db.close();
  }
});

Deno.test({
  name: "A run that is killed in the middle leaves nothing, and is taken up again when its lease ends",
  ignore,
}, async () => {
  const db = await testDatabase();
  const url = await urlOf(db);
  const [worker, holder] = [
    postgres(url, { max: 1, onnotice: () => {} }),
    postgres(url, { max: 1, onnotice: () => {} }),
  ];
  try {
    await db.exec(PROBE);
    // The job waits for this lock in the middle of its work.
    await holder`select pg_advisory_lock(4711)`;
    const [{ pid }] = await worker`select pg_backend_pid() as pid` as unknown as [{ pid: number }];
    const [started] = await worker`select private.start_job_run('probe') as run`;
    const step = worker`select private.advance_job_run(${started?.run.run_id})`.execute();
    const failure = assertRejects(() => step);
    await until(
      "the job waits",
      10,
      async () =>
        (await db.query("select from pg_locks where locktype = 'advisory' and not granted and pid = $1", [
          pid,
        ])).length > 0,
    );

    // Its lease is over, but it is at work: it is not lost, and no other run begins.
    await db.exec("update private.job_schedule set enabled = true").catch(() => {});
    assertEquals(await db.query("select private.start_job_run('probe') as run"), [{ run: null }]);
    await db.query("select pg_terminate_backend($1)", [pid]);
    await failure;
    await holder`select pg_advisory_unlock(4711)`;
    await until(
      "the backend is gone",
      10,
      async () => (await db.query("select from pg_stat_activity where pid = $1", [pid])).length === 0,
    );

    assertEquals(await db.query("select count(*)::int as rows from private.probe"), [{ rows: 0 }]);
    assertEquals(await db.query("select private.start_job_run('probe') as run"), [{ run: null }]);
    assertEquals(await db.query("select name from private.notice_due_jobs() where name = 'probe'"), []);
    await db.exec("update private.job_runs set expires_at = now() - interval '1 second'");
    assertEquals(await db.query("select name from private.notice_due_jobs() where name = 'probe'"), [{
      name: "probe",
    }]);
    const [again] = await db.query<{ run: { run_id: string; attempt: number } }>(
      "select private.start_job_run('probe') as run",
    );
    assertEquals(again?.run.attempt, 2);
    const [done] = await db.query<{ step: unknown }>("select private.advance_job_run($1) as step", [
      again?.run.run_id,
    ]);
    assertEquals(done?.step, { state: "done", result: { rows: 1 }, error_code: null, error_at: null });
    assertEquals(
      await db.query(
        "select state, error_code from private.job_runs where job = 'probe' order by started_at",
      ),
      [
        { state: "lost", error_code: "lost" },
        { state: "done", error_code: null },
      ],
    );
  } finally {
    await Promise.all([worker.end({ timeout: 1 }), holder.end({ timeout: 1 })]);
    await db.close();
  }
});

Deno.test(
  { name: "A slice that takes longer than its lease is not lost while it works", ignore },
  async () => {
    const db = await testDatabase();
    const url = await urlOf(db);
    const [worker, holder] = [
      postgres(url, { max: 1, onnotice: () => {} }),
      postgres(url, { max: 1, onnotice: () => {} }),
    ];
    try {
      await db.exec(PROBE);
      await holder`select pg_advisory_lock(4711)`;
      const [{ pid }] = await worker`select pg_backend_pid() as pid` as unknown as [{ pid: number }];
      const [started] = await worker`select private.start_job_run('probe') as run`;
      await db.exec("update private.job_runs set expires_at = now() - interval '1 hour'");
      const step = worker`select private.advance_job_run(${started?.run.run_id}) as step`.execute();
      await until(
        "the job waits",
        10,
        async () =>
          (await db.query("select from pg_locks where locktype = 'advisory' and not granted and pid = $1", [
            pid,
          ])).length > 0,
      );
      assertEquals(await db.query("select private.start_job_run('probe') as run"), [{ run: null }]);
      await holder`select pg_advisory_unlock(4711)`;
      assertEquals((await step)[0]?.step.state, "done");
      assertEquals(await db.query("select count(*)::int as rows from private.probe"), [{ rows: 1 }]);
    } finally {
      await Promise.all([worker.end({ timeout: 1 }), holder.end({ timeout: 1 })]);
      await db.close();
    }
  },
);

/** The outside services of a Supabase project as far as a schedule uses them: Vault's view, pg_net's and pg_cron's functions. */
const PLATFORM = `
create schema vault;
create view vault.decrypted_secrets as select 'phonelog_jobs'::text as name, 'sb_secret_of_vault'::text as decrypted_secret;
create schema net;
create table net.calls (url text, body jsonb, headers jsonb, timeout_milliseconds integer);
create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000)
returns bigint language sql as $$ insert into net.calls values ($1, $2, $4, $5); select 1::bigint $$;
create schema cron;
create table cron.job (jobid bigint generated always as identity, jobname text unique, schedule text, command text);
create function cron.schedule(job_name text, schedule text, command text) returns bigint language sql as $$
  insert into cron.job (jobname, schedule, command) values ($1, $2, $3)
  on conflict (jobname) do update set schedule = excluded.schedule, command = excluded.command returning jobid $$;
create function cron.unschedule(job_id bigint) returns boolean language sql as $$ delete from cron.job where jobid = $1 returning true $$;`;

Deno.test("On Supabase each due job is posted to the functions, with the key that Vault keeps", async () => {
  const db = await testDatabase();
  try {
    const install = (url: string, key = "phonelog_jobs") =>
      db.query<{ installed: { mode: string; jobs: string[] } }>(
        "select private.install_job_schedules($1, $2) as installed",
        [url, key],
      );
    await assertRejects(() => install("https://abc.supabase.co/functions/v1"), Error, "no pg_cron");
    await db.exec(PLATFORM);
    await assertRejects(
      () => install("https://abc.supabase.co/functions/v1", "other"),
      Error,
      'no secret named "other"',
    );
    await assertRejects(() => install("https://abc.supabase.co/functions/v1/"), Error, "without a slash");
    await assertRejects(() => install("https://abc.supabase.co/' || x || '?a=b"), Error, "without a slash");
    for (let twice = 0; twice < 2; twice++) {
      const [row] = await install("https://abc.supabase.co/functions/v1");
      assertEquals(row?.installed.mode, "http");
      assert(row?.installed.jobs.includes("webhooks"));
    }
    const jobs = await db.query<{ schedule: string; command: string }>(
      "select schedule, command from cron.job",
    );
    assertEquals(jobs.map(({ schedule }) => schedule), ["* * * * *"]);
    assert(!jobs[0]?.command.includes("sb_secret"), "The schedule holds no key");
    await db.exec(`
      alter table private.job_schedule disable trigger job_schedule_set_updated_at;
      update private.job_schedule set enabled = name in ('webhooks', 'seal_audit'), updated_at = now() - interval '2 minutes';`);
    await db.exec(jobs[0]?.command ?? "");
    assertEquals(
      await db.query("select * from net.calls order by url"),
      [
        { name: "seal_audit", timeout: 60_000 },
        { name: "webhooks", timeout: 60_000 },
      ].map(({ name, timeout }) => ({
        url: `https://abc.supabase.co/functions/v1/jobs/${name}`,
        body: {},
        headers: { apikey: "sb_secret_of_vault", "content-type": "application/json" },
        timeout_milliseconds: timeout,
      })),
    );
    await db.exec("select private.remove_job_schedules()");
    assertEquals(await db.query("select from cron.job"), []);
  } finally {
    await db.close();
  }
});

/** Whether this server's pg_cron could run in the database `postgres`, and that is nobody's. */
async function hasFreeCron(): Promise<boolean> {
  if (!database_url) return false;
  const db = await openDatabase({ database_url: new URL("/postgres", database_url).href });
  try {
    const [row] = await db.query<{ free: boolean }>(`
      select current_setting('cron.database_name', true) = 'postgres' and to_regnamespace('private') is null
         and to_regnamespace('cron') is null and exists (select from pg_available_extensions where name = 'pg_cron') as free`);
    return row?.free ?? false;
  } finally {
    await db.close();
  }
}

/** Gives back a database as it was before the migrations. */
const UNDO = `
drop extension if exists pg_cron cascade;
drop schema if exists private, auth, extensions, supabase_migrations, cron cascade;
drop schema public cascade;
create schema public authorization pg_database_owner;
grant usage on schema public to public;
comment on schema public is 'standard public schema';
alter default privileges grant execute on functions to public;
alter database postgres reset all;`;

Deno.test(
  { name: "The schedule that is installed on pg_cron really fires", ignore: !await hasFreeCron() },
  async () => {
    const db = await openDatabase({ database_url: new URL("/postgres", database_url).href });
    try {
      await withDatabaseLock(db, async () => {});
      await prepareDatabase(
        db,
        await readMigrations(fileURLToPath(new URL("../../supabase/migrations", import.meta.url))),
      );
      await db.exec("create extension pg_cron");
      await db.exec(`
      create table private.probe (id bigint generated always as identity primary key, xid xid8 default pg_current_xact_id());
      create function private.job_probe(deadline timestamptz) returns jsonb language plpgsql set search_path = '' as $$
      begin
        insert into private.probe default values;
        return jsonb_build_object('rows', 1, 'more', (select count(*) < 3 from private.probe));
      end $$;
      delete from private.job_schedule;
      alter table private.job_schedule disable trigger job_schedule_set_updated_at;
      insert into private.job_schedule (name, cron, updated_at) values ('probe', '* * * * *', now() - interval '2 minutes');`);
      for (let twice = 0; twice < 2; twice++) {
        const [row] = await db.query<{ installed: unknown }>(
          "select private.install_job_schedules() as installed",
        );
        assertEquals(row?.installed, { schedule: "phonelog-jobs", mode: "sql", jobs: ["probe"] });
      }
      assertEquals(await db.query("select schedule from cron.job"), [{ schedule: "* * * * *" }]);
      await until(
        "pg_cron ran the job",
        90,
        async () => (await db.query("select from private.job_runs where state = 'done'")).length > 0,
      );
      const runs = await db.query(
        "select job, attempt, result from private.job_runs where state = 'done' limit 1",
      );
      assertEquals(runs, [{ job: "probe", attempt: 1, result: { rows: 3, more: false } }]);
      // Each slice was a transaction of its own.
      assertEquals(await db.query("select count(distinct xid)::int as transactions from private.probe"), [{
        transactions: 3,
      }]);
      assertEquals(await db.query("select from cron.job_run_details where status = 'failed'"), []);
      await db.exec("select private.remove_job_schedules()");
      assertEquals(await db.query("select from cron.job"), []);
    } finally {
      await db.exec(UNDO);
      await db.close();
    }
  },
);
