import { assertEquals } from "@std/assert";
import type { Admin } from "../../shared/access/admin.ts";
import { createRefusalLog } from "../../shared/access/refusal_log.ts";

Deno.test("At most one refusal a second is noted, and a database that is away stops nothing", async () => {
  const noted: unknown[] = [];
  let is_away = false;
  const admin: Admin = {
    rpc<Result>(name: string, args: Record<string, unknown>, headers?: Readonly<Record<string, string>>) {
      if (is_away) return Promise.reject(new Error("away"));
      noted.push([name, args, headers]);
      return Promise.resolve(true as Result);
    },
  };
  let time = 5;
  const note = createRefusalLog(admin, () => time);
  const headers = { "x-request-id": "r1" };
  await note("token_invalid", "events", headers);
  assertEquals(noted, [["record_auth_failure", { reason: "token_invalid", surface: "events" }, headers]]);
  time += 999;
  await note("token_invalid", "events", headers);
  assertEquals(noted.length, 1);
  time += 1;
  await note("token_invalid", "events", headers);
  assertEquals(noted.length, 2);
  time += 1000;
  is_away = true;
  await note("token_invalid", "events", headers);
  is_away = false;
  await note("token_invalid", "events", headers);
  assertEquals(noted.length, 2);
});
