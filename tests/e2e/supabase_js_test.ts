import { createClient } from "@supabase/supabase-js";
import { assert, assertEquals } from "@std/assert";
import { ApiUser, disposableStack } from "../helpers/api.ts";

Deno.test("supabase-js signs in, calls the functions, and reads its own rows only", async () => {
  await using stack = await disposableStack();
  const bob = await ApiUser.signUp(stack, "bob");
  await bob.log([{
    ts: "2026-05-01T10:00:00Z",
    number: "+447700900001",
    type: "call",
    direction: "inbound",
    duration: 5,
  }]);

  const client = createClient(stack.url, stack.publishable_key, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data: { user } } = await client.auth.signUp({
    email: "ann@example.test",
    password: "a-long-password",
    options: { data: { time_zone: "Europe/Berlin", default_region: "DE", display_name: "Ann" } },
  });
  assert(user);
  const { data: claims } = await client.auth.getClaims();
  assertEquals([claims?.header.alg, claims?.claims.iss], ["ES256", `${stack.url}/auth/v1`]);

  const created = await client.functions.invoke("events", {
    body: {
      events: [{
        ts: "2026-05-01T10:00:00Z",
        number: "030 901820",
        type: "call",
        direction: "inbound",
        duration: 5,
      }],
    },
  });
  assertEquals([created.error, created.data.data.counts.inserted], [null, 1]);
  const metrics = await client.functions.invoke(
    "dashboard/metrics?from=2026-05-01T00:00:00Z&to=2026-05-02T00:00:00Z",
    { method: "GET" },
  );
  assertEquals([metrics.data.data.total_events, metrics.data.data.time_zone], [1, "Europe/Berlin"]);

  const { data: events } = await client.from("events").select("user_id, number, contacts(name)");
  assertEquals(events?.map((event) => [event.user_id, event.number]), [[user?.id, "+4930901820"]]);
  const { data: profile } = await client.from("profiles").select("display_name, time_zone");
  assertEquals(profile, [{ display_name: "Ann", time_zone: "Europe/Berlin" }]);

  const written = await client.from("events").insert({ user_id: user?.id, ts: "2026-05-01T10:00:00Z" });
  assert(written.error, "Events are written by ingest only");
  const forged = await client.from("org_members").insert({
    organization_id: crypto.randomUUID(),
    user_id: user?.id,
    role: "owner",
  });
  assert(forged.error, "Nobody makes himself a member");
  const { data: changed } = await client.from("profiles").update({ week_start: 7 }).neq(
    "user_id",
    user?.id ?? "",
  ).select();
  assertEquals(changed, []);
  const refused = await client.functions.invoke("events/not-a-uuid", { method: "GET" });
  assertEquals((await refused.error.context.json()).code, "validation_failed");
  await client.auth.signOut();
});
