import type { SqlClient } from "./sql_client.ts";

interface Facts {
  readonly version: string;
  readonly settings: string;
  readonly sizes: string;
}

async function cpu(): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  return /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ?? Deno.build.arch;
}

/** Server, machine and data in one paragraph. Load is that of the last 15 minutes: other work on the machine shows. */
export async function serverFacts(sql: SqlClient): Promise<string> {
  const [facts] = await sql.query<Facts>(`
    select split_part(version(), ' on ', 1) as version,
      (select string_agg(s.name || ' ' || current_setting(s.name), ', ' order by s.name) from pg_settings as s
        where s.name in ('shared_buffers', 'work_mem', 'effective_cache_size', 'random_page_cost', 'jit')) as settings,
      (select format('%s events in %s, their indexes %s, private tables with indexes %s', to_char(e.reltuples::bigint, 'FM999,999,999'),
          pg_size_pretty(pg_table_size(e.oid)), pg_size_pretty(pg_indexes_size(e.oid)),
          (select pg_size_pretty(sum(pg_total_relation_size(c.oid))) from pg_class as c
            where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'))
         from pg_class as e where e.oid = 'public.events'::regclass) as sizes`);
  const load = Deno.loadavg()[2]?.toFixed(1);
  return `${facts?.version} (${facts?.settings}); ${navigator.hardwareConcurrency} cores, ${await cpu()}, load ${load}; ` +
    `${facts?.sizes}.`;
}
