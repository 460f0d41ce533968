import type { Context } from "hono";
import type { z } from "zod";
import type { Admin } from "../../shared/access/admin.ts";
import { databaseCall } from "../../shared/database/database_work.ts";
import { Problem } from "../../shared/http/problem.ts";
import { SCHEMA_VERSION } from "../../shared/version.ts";
import type { HealthCheckSchema, HealthSchema } from "./schemas_monitoring.ts";

type HealthCheck = z.infer<typeof HealthCheckSchema>;
type Health = z.infer<typeof HealthSchema>;

/** What `get_system_health` answers. */
interface DatabaseHealth {
  readonly checks: readonly HealthCheck[];
  readonly schema_version: string | null;
  readonly server_version: string;
}

/** Milliseconds; a health request itself takes the database some 500. */
const DATABASE = { warn_at: 2000, fail_at: 5000 };
const CACHE = { warn_at: 20, fail_at: 500 };

function timeCheck(
  name: string,
  says: string,
  ms: number | null,
  { warn_at, fail_at }: { warn_at: number; fail_at: number },
): HealthCheck {
  const status = ms === null || ms >= fail_at ? "fail" : ms >= warn_at ? "warn" : "ok";
  const value = ms === null ? null : Math.round(ms * 10) / 10;
  return {
    name,
    area: "functions",
    status,
    value,
    unit: "milliseconds",
    warn_at,
    fail_at,
    says,
    details: {},
  };
}

async function askDatabase(c: Context, admin: Admin): Promise<DatabaseHealth | undefined> {
  try {
    const headers = { "x-request-id": c.get("requestId") };
    return await databaseCall(c, () => admin.rpc<DatabaseHealth>("get_system_health", {}, headers));
  } catch (error) {
    if (error instanceof Problem && error.status >= 503) return undefined;
    throw error;
  }
}

async function checkDatabase(
  c: Context,
  admin: Admin,
): Promise<{ checks: HealthCheck[]; found: DatabaseHealth | undefined }> {
  const started = performance.now();
  const found = await askDatabase(c, admin);
  const ms = found === undefined ? null : performance.now() - started;
  const says = "Time of the call that measured the rest; null: the database did not answer";
  return { checks: [timeCheck("database", says, ms, DATABASE), ...found?.checks ?? []], found };
}

function checkSchema(schema_version: string | null): HealthCheck {
  // Newer than the code is what a deployment looks like; older means that a migration is missing.
  const status = schema_version === SCHEMA_VERSION
    ? "ok"
    : (schema_version ?? "") > SCHEMA_VERSION
    ? "warn"
    : "fail";
  const details = { database: schema_version, functions: SCHEMA_VERSION };
  const says = "Whether the last migration is the one that the functions were written for";
  return {
    name: "schema",
    area: "functions",
    status,
    value: null,
    unit: null,
    warn_at: null,
    fail_at: null,
    says,
    details,
  };
}

async function ping(redis_url: string): Promise<number | null> {
  const { createClient } = await import("redis");
  const socket = { connectTimeout: CACHE.fail_at, reconnectStrategy: false as const };
  const client = createClient({ url: redis_url, socket });
  // Told by the rejection below as well; without a listener it would end the process.
  client.on("error", () => {});
  const late = Promise.withResolvers<null>();
  const timer = setTimeout(() => late.resolve(null), CACHE.fail_at);
  try {
    const started = performance.now();
    const answered = client.connect().then(() => client.ping()).then(
      () => performance.now() - started,
      () => null,
    );
    return await Promise.race([answered, late.promise]);
  } finally {
    clearTimeout(timer);
    if (client.isOpen) client.destroy();
  }
}

async function checkCache(redis_url: string | undefined): Promise<HealthCheck[]> {
  if (redis_url === undefined) return [];
  const says = "Time to connect to Redis and have a PING answered; null: it did not answer";
  return [timeCheck("cache", says, await ping(redis_url), CACHE)];
}

/** The state of the system: what the database measures, and what only a function can see of it. */
export async function systemHealth(c: Context, admin: Admin, redis_url: string | undefined): Promise<Health> {
  // One after the other, so that neither's time is the other's.
  const cache = await checkCache(redis_url);
  const { checks: measured, found } = await checkDatabase(c, admin);
  const checks = [...measured, ...cache, ...found === undefined ? [] : [checkSchema(found.schema_version)]];
  const has = (status: HealthCheck["status"]) => checks.some((check) => check.status === status);
  return {
    status: has("fail") ? "fail" : has("warn") ? "warn" : "ok",
    checks,
    schema_version: found?.schema_version ?? null,
    server_version: found?.server_version ?? null,
    generated_at: new Date().toISOString(),
  };
}
