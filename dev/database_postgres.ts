import { createPostgresConnection } from "@supabase/lite/postgres";
import postgres from "postgres";
import type { Database } from "./database.ts";
import { keepGrants } from "./lite.ts";
import { inTransaction, resetSession, type Row, type Session, SESSION_SETTINGS } from "./session.ts";

const asText = (value: unknown) => value instanceof Date ? value.toISOString() : String(value);
const asJson = (value: unknown) => typeof value === "string" ? value : JSON.stringify(value);
const asNumber = (text: string) => String(Number(text)) === text ? Number(text) : text;
const asInteger = (text: string) => Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
const same = <T>(value: T) => value;

/** Values go in and come out as PGlite takes and gives them. */
const TYPES = {
  int8: { to: 20, from: [20], serialize: asText, parse: asInteger },
  numeric: { to: 1700, from: [1700], serialize: asText, parse: asNumber },
  json: { to: 114, from: [114, 3802], serialize: asJson, parse: JSON.parse },
  jsonb: { to: 3802, from: [], serialize: asJson, parse: JSON.parse },
  date: { to: 1082, from: [1082], serialize: asText, parse: same },
  time: { to: 1083, from: [1083, 1266], serialize: asText, parse: same },
  timestamp: { to: 1114, from: [1114], serialize: asText, parse: same },
  timestamptz: { to: 1184, from: [1184], serialize: asText, parse: same },
};

// `@supabase/lite` hands JSON over as text, which its own serializer would make a JSON string of.
const LITE_TYPES = {
  bool: {
    to: 16,
    from: [16],
    serialize: (value: unknown) => String(value).startsWith("t") ? "t" : "f",
    parse: (text: string) => text === "t",
  },
  json: { to: 114, from: [114], serialize: asJson, parse: JSON.parse },
  jsonb: { to: 3802, from: [3802], serialize: asJson, parse: JSON.parse },
};

type Sql = Pick<postgres.Sql, "unsafe">;

function sessionOf(sql: Sql): Session {
  return {
    async query<T = Row>(text: string, params: unknown[] = []) {
      return [...await sql.unsafe(text, params as postgres.ParameterOrJSON<never>[])] as T[];
    },
    async exec(text) {
      const result: unknown = await sql.unsafe(text).simple();
      const results = (Array.isArray(result) && !("command" in result) ? result : [result]) as Row[][];
      return results.map((rows) => [...rows]);
    },
  };
}

/** Opens a server by its URL: a pool of our own beside the one that `@supabase/lite` serves from. */
export function openPostgres(database_url: string): Database {
  const options = { connection: { ...SESSION_SETTINGS }, onnotice: () => {} };
  const connection = createPostgresConnection({
    url: database_url,
    postgresOptions: { ...options, types: LITE_TYPES },
  });
  keepGrants(connection);
  const pool = postgres(database_url, { ...options, max: 4, types: TYPES });
  const session = async <T>(fn: (session: Session) => Promise<T>) => {
    const reserved = await pool.reserve();
    try {
      return await fn(sessionOf(reserved));
    } finally {
      reserved.release();
    }
  };
  return {
    engine: "postgres",
    connection,
    ...sessionOf(pool),
    transaction: (fn) => session((own) => inTransaction(own, fn)),
    session: (fn) => session((own) => fn(own).finally(() => resetSession(own))),
    exclusive: (fn) => fn(),
    dump: () => Promise.reject(new Error("Cannot dump a database server: use pg_dump")),
    close: async () => {
      await Promise.all([pool.end({ timeout: 5 }), connection.driver.end({ timeout: 5 })]);
    },
  };
}
