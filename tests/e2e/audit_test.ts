import { assert, assertEquals } from "@std/assert";
import { AuditEntrySchema, VerdictSchema } from "../../functions/admin/schemas_audit.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 12, minute)).toISOString();
const sms = (minute: number) => ({
  ts: at(minute),
  type: "sms",
  direction: "inbound",
  number: "+447700900123",
  content: "xylophone",
  contact_name: "Zoe",
});

type Entry = Record<string, unknown>;

Deno.test("audit", async (t) => {
  await using stack = await disposableStack();
  const [ann, ben, cat, eve] = await Promise.all(
    ["ann", "ben", "cat", "eve"].map((name) => ApiUser.signUp(stack, name)),
  ) as [ApiUser, ApiUser, ApiUser, ApiUser];
  const here = await organization(stack, { member: ann, analyst: ben, admin: cat });
  await organization(stack, { owner: eve });
  await ann.log([sms(1), sms(2), sms(3)]);

  const log = async (user: ApiUser, query = ""): Promise<Entry[]> => {
    const { status, body } = await user.get(`/api/admin/audit?limit=200${query}`);
    assertEquals([query, status, body.code], [query, 200, undefined]);
    for (const entry of body.data) AuditEntrySchema.strict().parse(entry);
    return body.data;
  };
  const reads = async () =>
    (await log(ann, "&action=data.read")).map(({ actor, details }) => [actor, (details as Entry).function]);

  await t.step("A person sees what he did and nothing of what it said", async () => {
    const entries = await log(ann);
    assertEquals(
      entries.map(({ action }) => action).sort(),
      ["contact_numbers.insert", "contacts.insert", "events.insert", "org_members.insert", "profiles.insert"],
    );
    assertEquals([entries[0]?.actor, entries[0]?.actor_type, entries[0]?.owner_id], [ann.id, "user", ann.id]);
    assert(!/Zoe|xylophone|900123/.test(JSON.stringify(entries)));
    assertEquals((await log(ben)).filter(({ owner_id }) => owner_id !== ben.id), []);
  });

  await t.step("A request's id stands beside what it did", async () => {
    const contact = (await ann.get("/api/contacts")).body.data[0];
    const reply = await ann.call("PATCH", `/api/contacts/${contact.id}`, { json: { company: "Xylo" } });
    const [entry] = await log(ann, "&action=contacts.update");
    assertEquals(
      [entry?.request_id, entry?.subject_id, entry?.details],
      [reply.headers.get("x-request-id"), contact.id, { columns: ["company"] }],
    );
  });

  await t.step("Every read of a teammate's data is noted, once in some minutes", async () => {
    const [event] = (await ann.get("/api/events")).body.data;
    assertEquals(await reads(), []);
    const paths = [
      `/api/events?user_id=${ann.id}&limit=1`,
      `/api/events/${event.id}`,
      `/api/contacts/${event.contact_id}`,
      `/api/contacts/${event.contact_id}/intelligence`,
      `/api/contacts/${event.contact_id}/relationships`,
      `/api/search/events?q=900123&user_id=${ann.id}`,
      `/api/search/contacts?q=zoe&user_id=${ann.id}`,
      `/api/dashboard/metrics?user_id=${ann.id}`,
      `/api/dashboard/heatmap?user_id=${ann.id}`,
      `/api/analytics/trends?user_id=${ann.id}`,
    ];
    for (const path of paths) {
      assertEquals([path, (await ben.get(path)).status], [path, 200]);
      assertEquals([path, (await ben.get(path)).status], [path, 200]);
    }
    const functions = [
      "get_filtered_events",
      "get_event",
      "get_contact",
      // An answer that was kept is a read as well.
      "get_data_version",
      "get_contact_intelligence",
      "get_contact_relationships",
      "search_events",
      "search_contacts",
      "get_dashboard_metrics",
      "get_activity_heatmap",
      "get_trends",
    ];
    assertEquals(await reads(), functions.map((name) => [ben.id, name]).reverse());
    const page = (await ben.get(`/api/events?user_id=${ann.id}&limit=1`)).body.meta.page;
    const next = await ben.get(`/api/events?user_id=${ann.id}&limit=1&cursor=${page.next_cursor}`);
    assertEquals([next.status, next.body.data.length], [200, 1]);
    assertEquals((await reads()).length, functions.length);
    assertEquals((await cat.get("/api/analytics/gaps")).status, 200);
    assertEquals((await log(ann, "&action=data.read")).map(({ address }) => address).filter(Boolean), []);
  });

  await t.step("Nor can it be read past the log through the REST interface", async () => {
    const query = `user_id=${ann.id}`;
    const direct = await cat.get(`/rest/v1/rpc/get_filtered_events?${query}`);
    assertEquals([direct.status, direct.body.message], [409, "read_not_recorded"]);
    assertEquals((await cat.get(`/rest/v1/rpc/get_filtered_events?user_id=${cat.id}`)).status, 200);
    const before = (await reads()).length;
    const noted = await cat.post("/rest/v1/rpc/read_recorded", {
      function_name: "get_filtered_events",
      arguments: { user_id: ann.id },
    });
    assertEquals([noted.status, noted.body.events.length], [200, 3]);
    assertEquals((await reads()).length, before + 1);
    for (const name of ["delete_event", "ingest_events", "read_recorded", "get_filtered_events; select 1"]) {
      const refused = await cat.post("/rest/v1/rpc/read_recorded", { function_name: name, arguments: {} });
      assertEquals([name, refused.status, refused.body.message], [name, 400, "validation_failed"]);
    }
  });

  await t.step("The table is closed, to the secret key too", async () => {
    const secret = { apikey: stack.secret_key, authorization: `Bearer ${stack.secret_key}` };
    for (const headers of [{}, secret] as Record<string, string>[]) {
      for (
        const [method, json] of [
          ["GET", undefined],
          ["POST", { actor_type: "user", action: "a.b" }],
          ["PATCH", { action: "a.b" }],
          ["DELETE", undefined],
        ] as const
      ) {
        const { status, body } = await cat.call(method, "/rest/v1/audit_log?action=neq.x", { json, headers });
        assertEquals([method, status >= 400, body.code], [method, true, "42501"]);
      }
    }
  });

  await t.step("An organisation's log is for its admins; reading it is noted", async () => {
    const query = `organization_id=${here}`;
    assertEquals((await ben.get(`/api/admin/audit?${query}`)).body.code, "role_insufficient");
    assertEquals((await eve.get(`/api/admin/audit?${query}`)).body.code, "organization_not_found");
    assertEquals((await fetch(`${stack.url}/api/admin/audit`)).status, 401);
    const entries = await log(cat, `&${query}`);
    assertEquals(entries.filter(({ organization_id }) => organization_id !== here), []);
    assert(entries.some(({ action }) => action === "data.read"));
    const [noted] = await log(cat, `&${query}&action=audit.read`);
    assertEquals([noted?.actor, noted?.subject_id], [cat.id, here]);
    const read_by_ben = await log(cat, `&${query}&actor=${ben.id}&subject_type=user&subject_id=${ann.id}`);
    assertEquals(read_by_ben.length, 11);
    assertEquals((await log(cat, `&${query}&to=${at(0)}`)).length, 0);
  });

  await t.step("It has pages, and comes as CSV that no spreadsheet runs", async () => {
    const all = (await log(ann)).map(({ id }) => id);
    const seen: unknown[] = [];
    let cursor = "";
    do {
      const { body } = await ann.get(`/api/admin/audit?limit=4${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.data.map(({ id }: Entry) => id));
      cursor = body.meta.page.next_cursor ?? "";
    } while (cursor);
    assertEquals(seen, all);
    const { body: page } = await ann.get("/api/admin/audit?limit=4");
    const of_ben = await ben.get(`/api/admin/audit?limit=4&cursor=${page.meta.page.next_cursor}`);
    assertEquals(of_ben.body.code, "cursor_invalid");

    const contact_id = (await ann.get("/api/contacts")).body.data[0].id;
    await ann.post("/rest/v1/rpc/update_contact", { contact_id, changes: { notes: "x" } }, {
      "x-request-id": "=cmd|calc",
    });
    const csv = await ann.get("/api/admin/audit?format=csv&limit=2&action=contacts.update");
    assertEquals(csv.headers.get("content-type"), "text/csv; charset=utf-8");
    const [head = "", row = ""] = String(csv.body).split("\r\n");
    assert(head.startsWith("id,at,organization_id,actor,"));
    assert(row.includes("'=cmd|calc") && !row.includes(",=cmd"), row);
    const first = await ann.get("/api/admin/audit?format=csv&limit=4");
    const link = /^<(\?.*)>; rel="next"$/.exec(first.headers.get("link") ?? "")?.[1];
    const second = await ann.get(`/api/admin/audit${link}`);
    assertEquals([second.status, String(second.body).split("\r\n")[1]?.slice(0, 36)], [200, all[3]]);
  });

  await t.step("A refused token is noted and names nobody", async () => {
    const [head, claims] = ann.token.split(".");
    const forged = ann.withToken(`${head}.${claims}.${"A".repeat(86)}`);
    const first = await forged.get("/api/contacts");
    assertEquals(first.body.code, "token_invalid");
    assertEquals((await fetch(`${stack.url}/api/contacts`)).status, 401);
    const rows = await stack.db.query(
      `select actor, actor_type, owner_id, organization_id, subject_id, request_id, host(address) as address, details
         from public.audit_log where action = 'auth.failed' order by at limit 1`,
    );
    assertEquals(rows, [{
      actor: null,
      actor_type: "service",
      owner_id: null,
      organization_id: null,
      subject_id: "contacts",
      request_id: first.headers.get("x-request-id"),
      address: "127.0.0.1",
      details: { reason: "token_invalid" },
    }]);
  });

  await t.step("What is not known is refused", async () => {
    for (
      const query of ["colour=1", "from=now", "limit=0", "organization_id=1", "format=xml", "cursor=x.y"]
    ) {
      assertEquals([query, (await ann.get(`/api/admin/audit?${query}`)).status], [query, 400]);
    }
  });

  await t.step("The chain is verified, against an anchor too", async () => {
    await stack.db.query("select private.job_seal_audit(clock_timestamp() + interval '10 seconds')");
    const verify = (query = "", user = cat) =>
      user.get(`/api/admin/audit/verify?organization_id=${here}${query}`);
    const { body } = await verify();
    assertEquals((await cat.get("/api/admin/audit/verify")).body.data.head, body.data.head);
    VerdictSchema.parse(body.data);
    assertEquals([body.data.is_intact, body.data.faults], [true, []]);
    const { seq, hash } = body.data.head;
    assertEquals((await verify(`&anchor_seq=${seq}&anchor_hash=${hash}`)).body.data.is_intact, true);
    assertEquals(
      (await verify(`&anchor_seq=${seq}&anchor_hash=${"0".repeat(64)}`)).body.data.faults[0].kind,
      "anchor_missing",
    );
    assertEquals((await verify(`&anchor_seq=${seq}`)).body.code, "validation_failed");
    assertEquals((await verify("", ben)).body.code, "role_insufficient");
    assertEquals((await verify("", eve)).body.code, "organization_not_found");
  });
});
