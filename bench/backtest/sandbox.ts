import type { Database, Session } from "../../dev/database.ts";
import { testDatabase } from "../../tests/helpers/database.ts";
import type { LoggedEvent } from "./phones.ts";

/** A database in which the functions that ship are asked about people's logs. */
export interface Sandbox {
  /** Asks as a person who has just these events; what was written is rolled back. */
  ask<T>(events: readonly LoggedEvent[], sql: string, params?: unknown[], set_up?: string): Promise<T>;
  close(): Promise<void>;
}

class RolledBack extends Error {
  constructor(readonly answer: unknown) {
    super();
  }
}

const OWNER = "00000000-0000-4000-8000-000000000001";

async function insertLog(session: Session, events: readonly LoggedEvent[]): Promise<void> {
  const rows = events.map(({ ts, number, type, direction, status, duration }) => ({
    ...{ ts: new Date(ts).toISOString(), number, type, direction, duration },
    status: status ?? (type === "sms" ? direction === "inbound" ? "received" : "sent" : null),
  }));
  await session.query(
    `with given as materialized (
       select * from jsonb_to_recordset($2::jsonb)
         as e (ts timestamptz, number text, type text, direction text, status text, duration integer)
     ), contact as (
       insert into public.contacts (user_id, id, name)
       select distinct on (number) $1::uuid, md5(number)::uuid, number from given where number is not null
       returning id
     )
     insert into public.events (user_id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
     select $1::uuid, ts, number, md5(number)::uuid, type, direction, status, case type when 'call' then duration end,
       'device', '{device}', gen_random_uuid() from given`,
    [OWNER, JSON.stringify(rows)],
  );
}

/** Opens a database of its own: the embedded one, or on the server of `DATABASE_URL`. */
export async function openSandbox(): Promise<Sandbox> {
  const db: Database = await testDatabase();
  await db.query("insert into auth.users (id, email) values ($1, 'backtest@example.test')", [OWNER]);
  const ask = async <T>(
    events: readonly LoggedEvent[],
    sql: string,
    params: unknown[] = [],
    setUp = "",
  ): Promise<T> => {
    try {
      await db.transaction(async (transaction) => {
        await insertLog(transaction, events);
        if (setUp !== "") await transaction.exec(setUp.replaceAll("$owner", `'${OWNER}'::uuid`));
        await transaction.query(
          "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)",
          [JSON.stringify({ sub: OWNER, role: "authenticated" })],
        );
        const [row] = await transaction.query<{ answer: T }>(`select ${sql} as answer`, params);
        throw new RolledBack(row?.answer);
      });
    } catch (error) {
      if (error instanceof RolledBack) return error.answer as T;
      throw error;
    }
    throw new Error("Cannot roll back");
  };
  return { ask, close: () => db.close() };
}
