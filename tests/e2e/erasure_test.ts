import { assert, assertEquals } from "@std/assert";
import { ErasureSchema, PreviewSchema } from "../../functions/privacy/schemas_erasure.ts";
import type { Stack } from "../../dev/stack.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";
import { dumpText, tablesWith } from "../helpers/database_search.ts";

const event = (n: number, number: string, contact_name: string, content?: string) => ({
  ts: new Date(Date.UTC(2026, 4, 1, 8, n)).toISOString(),
  type: content === undefined ? "call" : "sms",
  direction: "inbound",
  number,
  contact_name,
  ...(content === undefined ? { duration: 60 } : { content }),
});

/** Runs the job as the scheduler does: again while it says that there is more. */
async function erase(stack: Stack): Promise<number> {
  let finished = 0;
  for (let more = true; more;) {
    const [row] = await stack.db.query<{ result: { finished: number; more: boolean } }>(
      "select private.job_erasure(clock_timestamp() + interval '20 seconds') as result",
    );
    finished += row?.result.finished ?? 0;
    more = row?.result.more ?? false;
  }
  return finished;
}

async function request(user: ApiUser, subject: Record<string, unknown>) {
  const preview = await user.post("/api/privacy/erasure", subject);
  assertEquals(preview.status, 200, JSON.stringify(preview.body));
  PreviewSchema.parse(preview.body.data);
  const asked = await user.post("/api/privacy/erasure", {
    ...subject,
    confirmation: preview.body.data.confirmation,
  });
  if (asked.status === 201) ErasureSchema.parse(asked.body.data);
  return { preview: preview.body.data, asked };
}

/** Everything that a person leaves in the system, in words that nobody else uses. */
async function live(user: ApiUser): Promise<void> {
  await user.log([
    event(0, "+447700900771", "Quentin Zyxw"),
    event(1, "+447700900771", "Quentin Zyxw", "zyxwtext: the key is under the mat"),
    event(2, "+447700900772", "Rosalind Wvut", "wvuttext"),
    event(3, "+447700900772", "Rosalind Wvut"),
  ]);
  const contacts = (await user.get("/api/contacts")).body.data as { id: string; name: string }[];
  for (const { id, name } of contacts) {
    const patched = await user.call("PATCH", `/api/contacts/${id}`, {
      json: { notes: `Met ${name} in zyxwtown`, tags: ["zyxwtag"], company: "Zyxw & Sons" },
    });
    assertEquals(patched.status, 200);
  }
  const events = (await user.get("/api/events?order=asc")).body.data as { id: string }[];
  assertEquals((await user.call("DELETE", `/api/events/${events[3]?.id}`)).status, 200);
  for (const question of ["Calls with Quentin Zyxw?", "Who is Zyxwina?", "How many calls in May 2026?"]) {
    assertEquals((await user.post("/api/nlq/query", { question })).status, 200);
  }
  const replayed = await user.post("/api/events", { events: [event(4, "+447700900773", "Zyxw Junior")] }, {
    "idempotency-key": "zyxw-key",
  });
  assertEquals(replayed.status, 200);
  const csv = "date,number,type,direction,content,name\n" +
    "2026-05-02T10:00:00Z,+447700900774,sms,inbound,zyxwtext in a file,Zyxw Senior\n";
  const done = await user.call("POST", "/api/imports?filename=zyxw.csv", {
    body: csv,
    headers: { "content-type": "application/octet-stream" },
  });
  assert(done.status < 300, JSON.stringify(done.body));
  const opened = await user.post("/api/imports", { filename: "zyxw-parts.csv", bytes: 400 });
  assertEquals(opened.status, 201, JSON.stringify(opened.body));
  const part = await user.call("PUT", `/api/imports/${opened.body.data.id}/parts/0`, {
    body: csv + "2026-05-03T10:00:00Z,+447700900775,sms,inbound,zyxwtext cut o",
    headers: { "content-type": "application/octet-stream" },
  });
  assertEquals(part.status, 200, JSON.stringify(part.body));
  const reported = await user.post("/api/sync/reports", {
    source: "device",
    name: "zyxwphone",
    errors: [{ code: "sim", detail: "No zyxw", at: "2026-05-01T00:00:00Z" }],
  });
  assert([201, 400].includes(reported.status));
  await user.stack.db.query(
    "insert into public.lines (user_id, name, number) values ($1, 'Zyxwline', '+447700900779')",
    [
      user.id,
    ],
  );
}

const words = (user: ApiUser) => [
  "zyxw",
  "wvut",
  "under the mat",
  ...[1, 2, 3, 4, 5, 9].map((n) => `44770090077${n}`),
  "eve@example.test",
  "Evelina",
  user.id,
];

Deno.test("After the erasure of an account nothing of it is left anywhere", async () => {
  await using stack = await disposableStack();
  const eve = await ApiUser.signUp(stack, "eve", { display_name: "Evelina Zyxw", default_region: "GB" });
  const ben = await ApiUser.signUp(stack, "ben");
  const team = await organization(stack, { owner: eve, member: ben });
  await live(eve);
  await ben.log([event(9, "+447700900111", "Bea")]);
  await stack.db.query(
    "insert into public.privacy_rules (user_id, contact_id, visibility) select user_id, id, 'public' from public.contacts where user_id = $1 limit 1",
    [eve.id],
  );
  assertEquals(
    (await eve.call("PUT", "/api/privacy/retention", { json: { policies: [{ keep_days: 5000 }] } })).status,
    200,
  );
  const before = await tablesWith(stack.db, words(eve));
  for (
    const table of [
      "auth.users",
      "private.deleted_events",
      "private.event_texts",
      "public.events",
      "public.imports",
      "public.nlq_queries",
    ]
  ) assert(before.some((found) => found.startsWith(`${table}:`)), `${table} in ${before.join("\n")}`);

  // Seven days to think again.
  const first = await request(eve, { scope: "account" });
  assertEquals(first.asked.status, 201);
  assertEquals(Date.parse(first.asked.body.data.due_at) > Date.now() + 6.9 * 86_400_000, true);
  assertEquals(first.preview.organizations, [{
    id: team,
    name: "Test",
    role: "owner",
    outcome: "handed_over",
  }]);
  assertEquals(await erase(stack), 0);
  assertEquals((await request(eve, { scope: "account" })).asked.body.code, "erasure_requested");
  assertEquals((await eve.get("/api/privacy/erasure")).body.data.map((e: { state: string }) => e.state), [
    "waiting",
  ]);
  assertEquals((await eve.call("DELETE", "/api/privacy/erasure")).status, 200);
  assertEquals((await eve.call("DELETE", "/api/privacy/erasure")).body.code, "erasure_not_found");

  await stack.db.query("update public.organizations set erasure_grace_days = 0");
  assertEquals((await request(eve, { scope: "account" })).asked.status, 201);
  assertEquals(await erase(stack), 1);

  const pseudonyms = (await stack.db.query("select to_regproc('private.pseudonymize_audit') as f"))[0];
  // Until the audit log gives pseudonyms, it has the id, and nothing else.
  const left = words(eve).filter((word) => word !== eve.id || pseudonyms?.f !== null);
  assertEquals(await tablesWith(stack.db, left), []);
  const dump = await dumpText(stack.db);
  if (dump !== null) {
    assert(dump.includes("447700900111"), "The dump has the rows of others");
    assertEquals(left.filter((word) => dump.toLowerCase().includes(word.toLowerCase())), []);
  }
  assertEquals(await stack.db.query("select * from private.check_rollups()"), []);
  assertEquals((await ben.get("/api/events")).body.data.length, 1);
  assertEquals((await eve.get("/api/privacy/sharing")).status, 401);
  assertEquals((await eve.get("/api/events")).body.data ?? [], []);
  const [owner] = await stack.db.query("select role from public.org_members where user_id = $1", [ben.id]);
  assertEquals(owner?.role, "owner");
  const [entry] = await stack.db.query(
    "select count(*)::integer as entries from public.audit_log where action = 'erasure.completed' and organization_id = $1",
    [team],
  );
  assertEquals(entry?.entries, 1);
});

Deno.test("A person can be forgotten, and does not come back", async () => {
  await using stack = await disposableStack();
  const eve = await ApiUser.signUp(stack, "eve", { default_region: "GB" });
  await organization(stack, { owner: eve });
  await stack.db.query("update public.organizations set erasure_grace_days = 0");
  await live(eve);
  await stack.db.query("delete from public.lines");
  const contacts = (await eve.get("/api/contacts")).body.data as { id: string; name: string }[];
  const rosalind = contacts.find(({ name }) => name === "Rosalind Wvut") ?? { id: "" };
  const { preview, asked } = await request(eve, { scope: "contact", contact_id: rosalind.id });
  assertEquals([preview.counts["public.events"], preview.numbers], [1, ["+447700900772"]]);
  assertEquals([asked.status, asked.body.data.state], [201, "waiting"]);
  assertEquals(await erase(stack), 1);
  assertEquals(await tablesWith(stack.db, ["wvut", "447700900772"]), []);
  const dump = await dumpText(stack.db);
  assertEquals(dump === null ? false : /wvut|447700900772/i.test(dump), false);
  assertEquals((await eve.get(`/api/contacts/${rosalind.id}`)).status, 404);
  const again = await eve.post("/api/events", {
    events: [event(2, "07700 900772", "Rosalind Wvut", "wvuttext")],
  });
  assertEquals([again.status, again.body.code], [422, "events_refused"]);
  assertEquals(await tablesWith(stack.db, ["wvut", "447700900772"]), []);
  const card = await eve.call("POST", "/api/imports?filename=cards.vcf", {
    body: "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Rosalind Wvut\r\nTEL:+447700900772\r\nEND:VCARD\r\n",
    headers: { "content-type": "application/octet-stream" },
  });
  assertEquals((await eve.get("/api/search/contacts?q=Rosalind")).body.data, [], JSON.stringify(card.body));

  // The rest of the log is as it was.
  assertEquals((await eve.get("/api/search/contacts?q=Quentin")).body.data.length, 1);
  assertEquals(await stack.db.query("select * from private.check_rollups()"), []);
  const [done] = (await eve.get("/api/privacy/erasure")).body.data;
  assertEquals([done.state, done.contact_id, done.numbers], ["done", null, []]);
  assertEquals((await eve.call("DELETE", `/api/privacy/erasure?id=${done.id}`)).status, 200);
  assertEquals(
    (await eve.post("/api/events", { events: [event(2, "07700 900772", "Rosalind Wvut")] })).status,
    200,
  );
});

Deno.test("Erasure, holds: one case per outcome", async () => {
  await using stack = await disposableStack();
  const [owner, admin, member, stranger] = await Promise.all(
    ["owner", "admin", "member", "stranger"].map((name) => ApiUser.signUp(stack, name)),
  ) as [ApiUser, ApiUser, ApiUser, ApiUser];
  await organization(stack, { owner, admin, member });
  await organization(stack, { owner: stranger });
  const outcome = async (user: ApiUser, method: string, path: string, json?: unknown) => {
    const { status, body } = await user.call(
      method,
      `/api/privacy/${path}`,
      json === undefined ? {} : { json },
    );
    return `${status} ${body.code ?? ""}`.trim();
  };
  for (
    const json of [{}, { scope: "all" }, { scope: "contact" }, { scope: "number", number: "" }, {
      scope: "account",
      more: 1,
    }]
  ) {
    assertEquals(
      await outcome(member, "POST", "erasure", json),
      "400 validation_failed",
      JSON.stringify(json),
    );
  }
  assertEquals(
    await outcome(member, "POST", "erasure", { scope: "number", number: "+447700900001" }),
    "404 contact_not_found",
  );
  assertEquals(
    await outcome(member, "POST", "erasure", { scope: "account", confirmation: "x" }),
    "409 confirmation_outdated",
  );
  assertEquals(
    await outcome(member.withToken("x"), "POST", "erasure", { scope: "account" }),
    "401 token_invalid",
  );
  assertEquals(await outcome(member, "GET", "erasure?x=1"), "400 validation_failed");
  assertEquals(await outcome(member, "DELETE", `erasure?id=${crypto.randomUUID()}`), "404 erasure_not_found");

  const hold = `holds/${member.id}`;
  assertEquals(await outcome(member, "PUT", hold, { reason: "Mine" }), "403 role_insufficient");
  assertEquals(await outcome(stranger, "PUT", hold, { reason: "Spite" }), "404 user_not_found");
  assertEquals(await outcome(admin, "PUT", hold, { reason: " " }), "400 validation_failed");
  assertEquals(await outcome(admin, "PUT", hold, { reason: "Case 7" }), "200");
  assertEquals((await owner.get("/api/privacy/holds")).body.data.map((h: { reason: string }) => h.reason), [
    "Case 7",
  ]);
  assertEquals(await outcome(member, "GET", "holds"), "403 role_insufficient");
  assertEquals((await stranger.get("/api/privacy/holds")).body.data, []);
  const { preview, asked } = await request(member, { scope: "account" });
  assertEquals([preview.is_held, asked.status, asked.body.code], [true, 409, "legal_hold"]);
  assertEquals(await outcome(admin, "PUT", `holds/${admin.id}`, { reason: "Case 8" }), "200");
  assertEquals(await outcome(admin, "DELETE", `holds/${admin.id}`), "403 not_permitted");
  assertEquals(await outcome(owner, "DELETE", `holds/${admin.id}`), "200");
  assertEquals(await outcome(admin, "DELETE", hold), "200");
  assertEquals(await outcome(admin, "DELETE", hold), "404 user_not_found");
  assertEquals((await request(member, { scope: "account" })).asked.status, 201);
});
