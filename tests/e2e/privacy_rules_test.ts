import { assertEquals, assertNotEquals } from "@std/assert";
import { RuleSchema } from "../../functions/privacy/schemas_rules.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

Deno.test("privacy rules", async (t) => {
  await using stack = await disposableStack();
  const [ann, ben] = await Promise.all(["ann", "ben"].map((name) => ApiUser.signUp(stack, name))) as [
    ApiUser,
    ApiUser,
  ];
  await organization(stack, { member: ann, owner: ben });
  await ann.log(
    ["Cat", "Dan", "Eve"].map((contact_name, i) => ({
      ts: `2026-05-01T12:0${i}:00Z`,
      type: "sms",
      direction: "inbound",
      number: `+44770090010${i}`,
      content: "xylophone",
      contact_name,
    })),
  );
  const [cat, dan, eve] = (await ann.get("/api/contacts")).body.data.map(({ id }: { id: string }) => id);
  await ann.call("PATCH", `/api/contacts/${dan}`, { json: { tags: ["family"] } });
  await ann.call("PATCH", `/api/contacts/${eve}`, { json: { tags: ["family"] } });
  const rule = (id: string) => `/api/privacy/rules/${id}`;
  const seen = async () =>
    (await ben.get(`/api/events?user_id=${ann.id}&order=asc`)).body.data
      .map((
        event: Record<string, string>,
      ) => [event.contact_name, event.number !== null, event.content !== null]);

  await t.step("The default, a rule, and the default again", async () => {
    const { body } = await ann.get(rule(cat));
    RuleSchema.strict().parse(body.data);
    assertEquals([body.data.visibility, body.data.mask_content, body.data.is_default], ["team", true, true]);
    assertEquals(await seen(), [["Cat", true, false], ["Dan", true, false], ["Eve", true, false]]);
    const put = await ann.call("PUT", rule(cat), {
      json: { visibility: "team", mask_number: true, mask_content: false },
    });
    RuleSchema.strict().parse(put.body.data);
    assertEquals([put.body.data.mask_number, put.body.data.is_default], [true, false]);
    assertEquals((await seen())[0], ["Cat", false, true]);
    await ann.call("PUT", rule(cat), { json: { visibility: "private" } });
    assertEquals(await seen(), [["Dan", true, false], ["Eve", true, false]]);
    assertEquals((await ann.call("DELETE", rule(cat))).body.data.is_default, true);
    assertEquals((await seen()).length, 3);
  });

  await t.step("By list, by tag and for all", async () => {
    const bulk = (json: Record<string, unknown>) => ann.post("/api/privacy/rules/bulk", json);
    const hidden = { visibility: "private" };
    assertEquals((await bulk({ rule: hidden, tag: "family" })).body.data, { contacts: 2, changed: 2 });
    assertEquals(await seen(), [["Cat", true, false]]);
    assertEquals((await bulk({ rule: hidden, all: true })).body.data, { contacts: 3, changed: 1 });
    assertEquals(await seen(), []);
    assertEquals((await ann.get("/api/privacy/rules?visibility=private")).body.meta.page.total, 3);
    const { body } = await ann.get("/api/privacy/rules?limit=2");
    const rest = await ann.get(`/api/privacy/rules?limit=2&cursor=${body.meta.page.next_cursor}`);
    assertEquals([body.data.length, rest.body.data.length], [2, 1]);
    assertEquals((await bulk({ rule: null, contact_ids: [cat, dan] })).body.data, {
      contacts: 2,
      changed: 2,
    });
    assertEquals((await bulk({ rule: null, all: true })).body.data, { contacts: 3, changed: 1 });
    assertEquals((await seen()).length, 3);
  });

  await t.step("A rule changes what a teammate has cached: no 304 for the answer before it", async () => {
    const paths = [
      `/api/events?user_id=${ann.id}`,
      `/api/dashboard/metrics?user_id=${ann.id}&from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:00Z`,
      `/api/search/contacts?q=cat&user_id=${ann.id}`,
      "/api/dashboard/team?from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:00Z",
    ];
    const tags = new Map<string, string>();
    for (const path of paths) tags.set(path, (await ben.get(path)).headers.get("etag") ?? "");
    for (const [path, etag] of tags) {
      assertEquals([path, (await ben.get(path, { "if-none-match": etag })).status], [path, 304]);
    }
    await ann.call("PUT", rule(cat), { json: { visibility: "private" } });
    for (const [path, etag] of tags) {
      const reply = await ben.get(path, { "if-none-match": etag });
      assertEquals([path, reply.status], [path, 200]);
      assertNotEquals(reply.headers.get("etag"), etag);
    }
  });

  await t.step("Rules are one's own, and nobody else is told", async () => {
    assertEquals((await ben.get(rule(dan))).body.code, "contact_not_found");
    assertEquals(
      (await ben.call("PUT", rule(dan), { json: { visibility: "public" } })).body.code,
      "contact_not_found",
    );
    assertEquals((await ben.call("DELETE", rule(cat))).body.code, "contact_not_found");
    assertEquals((await ben.get("/api/privacy/rules")).body.data, []);
    assertEquals((await ben.get("/api/admin/audit?action=privacy_rules.insert")).body.data, []);
    assertEquals((await fetch(`${stack.url}/api/privacy/rules`)).status, 401);
  });

  await t.step("What is not valid changes nothing", async () => {
    const before = (await ann.get("/api/privacy/rules")).body.data;
    for (
      const json of [{}, { visibility: "secret" }, { visibility: "team", mask_number: "yes" }, {
        visibility: "team",
        a: 1,
      }]
    ) {
      assertEquals((await ann.call("PUT", rule(dan), { json })).body.code, "validation_failed");
    }
    const hidden = { visibility: "private" };
    for (
      const json of [
        { rule: hidden },
        { tag: "family" },
        { rule: hidden, tag: "family", all: true },
        { rule: hidden, all: false },
        { rule: hidden, contact_ids: [] },
        { rule: hidden, contact_ids: Array(1001).fill(dan) },
      ]
    ) {
      assertEquals((await ann.post("/api/privacy/rules/bulk", json)).body.code, "validation_failed");
    }
    const foreign = await ann.post("/api/privacy/rules/bulk", {
      rule: hidden,
      contact_ids: [dan, crypto.randomUUID()],
    });
    assertEquals([foreign.status, foreign.body.code], [404, "contact_not_found"]);
    assertEquals((await ann.get("/api/privacy/rules")).body.data, before);
  });
});
