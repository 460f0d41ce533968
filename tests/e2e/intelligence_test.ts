import { assertEquals } from "@std/assert";
import { IntelligenceSchema } from "../../functions/contacts/schemas_intelligence.ts";
import { RelationshipsSchema } from "../../functions/contacts/schemas_relationships.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const MUM = "+447700900001";
const TAXI = "+447700900002";
const at = (day: number, hour: number) => new Date(Date.UTC(2026, 4, day, hour)).toISOString();
const call = (day: number, hour: number, number: string, direction: string, status: string) => ({
  ts: at(day, hour),
  type: "call",
  number,
  direction,
  status,
  duration: status === "answered" ? 60 : 0,
});
const period = "from=2026-05-01T00:00:00Z&to=2026-06-01T00:00:00Z";

Deno.test("contact intelligence and relationships", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { time_zone: "Europe/Berlin" });
  const bob = await ApiUser.signUp(stack, "bob");
  const viewer = await ApiUser.signUp(stack, "viewer");
  const stranger = await ApiUser.signUp(stack, "stranger");
  await organization(stack, { owner: ann, member: bob, viewer });
  await ann.log([
    call(1, 9, MUM, "inbound", "missed"),
    call(1, 11, MUM, "outbound", "answered"),
    call(8, 9, MUM, "outbound", "missed"),
    call(20, 22, MUM, "inbound", "answered"),
    call(2, 12, TAXI, "outbound", "answered"),
  ]);
  await bob.log([call(3, 9, MUM, "inbound", "answered"), call(4, 9, TAXI, "inbound", "answered")]);
  const contactOf = async (user: ApiUser, number: string): Promise<string> => {
    const { body } = await user.get(`/api/contacts?q=${encodeURIComponent(number)}`);
    return body.data[0].id;
  };
  const mum = await contactOf(ann, MUM);
  const path = `/api/contacts/${mum}/intelligence?${period}`;

  await t.step("A contact's figures are those of the period, in the caller's zone", async () => {
    const { status, body: { data } } = await ann.get(path);
    assertEquals(status, 200);
    IntelligenceSchema.parse(data);
    assertEquals([data.totals.events, data.totals.missed_calls, data.time_zone], [4, 2, "Europe/Berlin"]);
    assertEquals(data.frequency.active_days, 3);
    assertEquals(data.hour_profile[4].lastIndexOf(1), 13);
    assertEquals(data.hour_profile[3][0], 1, "22:00 UTC on a Wednesday is Thursday in Berlin");
    assertEquals(data.unanswered.by_owner, {
      calls: 1,
      returned: 1,
      never_returned: 0,
      open: 0,
      last_unreturned_at: null,
    });
    assertEquals(data.unanswered.by_contact.never_returned, 1);
    assertEquals(data.response_time.owner.to_calls, { count: 1, median_seconds: 7200 });
  });

  await t.step("The same answer twice is a 304", async () => {
    const { headers } = await ann.get(path);
    assertEquals((await ann.get(path, { "if-none-match": headers.get("etag") ?? "" })).status, 304);
  });

  await t.step("A contact without an event in the period has figures, too", async () => {
    const { body: { data } } = await ann.get(
      `/api/contacts/${mum}/intelligence?from=2025-01-01T00:00:00Z&to=2025-02-01T00:00:00Z`,
    );
    IntelligenceSchema.parse(data);
    assertEquals([data.totals.events, data.strength, data.prediction, data.trend.verdict], [
      0,
      null,
      null,
      "unknown",
    ]);
  });

  await t.step("What is not valid is named", async () => {
    const code = async (query: string) =>
      (await ann.get(`/api/contacts/${mum}/intelligence?${query}`)).body.code;
    assertEquals(await code("time_zone=Mars/Olympus"), "validation_failed");
    assertEquals(await code("days=7"), "validation_failed");
    assertEquals(await code("from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z"), "range_invalid");
    assertEquals(await code("from=1826-05-02T00:00:00Z&to=2026-05-01T00:00:00Z"), "range_too_large");
    assertEquals((await ann.get("/api/contacts/x/intelligence")).status, 400);
  });

  await t.step("Without a token, and with another tenant's contact", async () => {
    assertEquals(
      await fetch(`${stack.url}${path}`, { headers: { apikey: stack.publishable_key } }).then(
        async (reply) => {
          await reply.body?.cancel();
          return reply.status;
        },
      ),
      401,
    );
    assertEquals((await stranger.get(path)).body.code, "contact_not_found");
    assertEquals((await viewer.get(path)).body.code, "contact_not_found");
    assertEquals((await stranger.get(`/api/contacts/${mum}/relationships`)).body.code, "contact_not_found");
  });

  await t.step("Who knows a person is listed, best first, with what is shared", async () => {
    const { status, body: { data } } = await ann.get(`/api/contacts/${mum}/relationships`);
    assertEquals(status, 200);
    RelationshipsSchema.parse(data);
    assertEquals(data.known_by.map((person: { user_id: string }) => person.user_id), [ann.id, bob.id]);
    assertEquals(
      data.known_by[1].mutual.contacts.map((contact: { contact_id: string }) => contact.contact_id),
      [
        await contactOf(ann, TAXI),
      ],
    );
    assertEquals(
      (await ann.get(`/api/contacts/${mum}/relationships?from=2024-01-01T00:00:00Z`)).body.code,
      "range_too_large",
    );
    assertEquals((await ann.get(`/api/contacts/${mum}/relationships?q=1`)).body.code, "validation_failed");
  });

  await t.step("A teammate reads the contact as the rule says, and a private one not at all", async () => {
    assertEquals((await bob.get(path)).body.data.contact.numbers, [MUM]);
    await stack.db.query(
      "insert into public.privacy_rules (user_id, contact_id, mask_number) values ($1, $2, true)",
      [ann.id, mum],
    );
    assertEquals((await bob.get(path)).body.data.contact.numbers, []);
    const of_bob = `/api/contacts/${await contactOf(bob, MUM)}/relationships`;
    assertEquals((await bob.get(of_bob)).body.data.known_by.length, 1, "A masked number is not matched");
    await stack.db.query("update public.privacy_rules set visibility = 'private' where user_id = $1", [
      ann.id,
    ]);
    assertEquals((await bob.get(path)).body.code, "contact_not_found");
    assertEquals((await bob.get(of_bob)).body.data.known_by.length, 1);
    assertEquals((await ann.get(path)).status, 200);
  });
});
