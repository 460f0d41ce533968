import { assertEquals } from "@std/assert";
import { ContactSchema } from "../../functions/contacts/schemas.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 12, minute)).toISOString();
const call = (minute: number, number: string, contact_name?: string) => ({
  ts: at(minute),
  type: "call",
  direction: "inbound",
  number,
  contact_name,
});

Deno.test("contacts", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const bob = await ApiUser.signUp(stack, "bob");
  await ann.log([
    call(0, "+447700900001", "Zoë"),
    call(1, "+447700900002", "Mum"),
    call(2, "+447700900003", "Mum"),
    call(3, "+447700900004"),
    call(4, "+447700900002", "Mother"),
    call(5, "BANK24"),
  ]);
  const list = async (query = "") => (await ann.get(`/api/contacts${query}`)).body;

  await t.step("Contacts come by name, those without one last, with their numbers and figures", async () => {
    const { data, meta } = await list();
    for (const contact of data) ContactSchema.parse(contact);
    assertEquals(data.map((contact: { name: string }) => contact.name), ["Mum", "Zoë", null, null]);
    assertEquals(meta.page.total, 4);
    assertEquals(data[0].numbers, ["+447700900002", "+447700900003"]);
    assertEquals(data[0].also_known_as, ["Mother"]);
    assertEquals([data[0].interaction_count, data[0].last_interaction_at], [3, "2026-05-01T12:04:00+00:00"]);
  });

  await t.step("A search looks at names and numbers, and takes % and _ as they are", async () => {
    const names = async (q: string) =>
      (await list(`?q=${encodeURIComponent(q)}`)).data.map((contact: { name: string | null }) =>
        contact.name
      );
    assertEquals(await names("mum"), ["Mum"]);
    assertEquals(await names("mother"), ["Mum"]);
    assertEquals(await names("900001"), ["Zoë"]);
    assertEquals(await names("%"), []);
    assertEquals(await names("_"), []);
  });

  await t.step("Pages lead through all of them, both ways", async () => {
    const all = (await list()).data.map((contact: { id: string }) => contact.id);
    const first = await list("?limit=3");
    const second = await list(`?limit=3&cursor=${first.meta.page.next_cursor}`);
    assertEquals([...first.data, ...second.data].map((contact: { id: string }) => contact.id), all);
    assertEquals(second.meta.page.next_cursor, null);
    assertEquals((await list(`?limit=3&cursor=${second.meta.page.prev_cursor}`)).data, first.data);
    assertEquals(
      (await ann.get(`/api/contacts?q=mum&cursor=${first.meta.page.next_cursor}`)).body.code,
      "cursor_invalid",
    );
  });

  await t.step("The owner edits name, company, tags and notes; a later log does not undo it", async () => {
    const [mum] = (await list("?q=mum")).data;
    const changes = { name: "Mama", company: "Home", tags: ["family", "family"], notes: "Call on Sundays" };
    const changed = await ann.call("PATCH", `/api/contacts/${mum.id}`, { json: changes });
    assertEquals(changed.status, 200);
    assertEquals([changed.body.data.name, changed.body.data.tags, changed.body.data.notes], ["Mama", [
      "family",
    ], "Call on Sundays"]);
    await ann.log([call(9, "+447700900002", "Mum again")]);
    const { data } = (await ann.get(`/api/contacts/${mum.id}`)).body;
    assertEquals([data.name, data.company, data.interaction_count], ["Mama", "Home", 4]);
    assertEquals((await list("?tag=family")).data.length, 1);
    const cleared = await ann.call("PATCH", `/api/contacts/${mum.id}`, { json: { company: null } });
    assertEquals([cleared.body.data.company, cleared.body.data.notes], [null, "Call on Sundays"]);
  });

  await t.step("What is not valid is named, and what is not one's own is not there", async () => {
    const [{ id }] = (await list()).data;
    const patch = async (json: unknown, user = ann) =>
      (await user.call("PATCH", `/api/contacts/${id}`, { json })).body;
    assertEquals((await patch({})).code, "validation_failed");
    assertEquals((await patch({ name: "" })).errors[0].path, "name");
    assertEquals((await patch({ owner: 1 })).errors[0].path, "owner");
    assertEquals((await patch({ name: "Stolen" }, bob)).code, "contact_not_found");
    assertEquals((await bob.get(`/api/contacts/${id}`)).status, 404);
    assertEquals((await bob.get("/api/contacts")).body.data, []);
    assertEquals((await ann.get(`/api/contacts/${id}`)).body.data.name, "Mama");
  });

  await t.step("A teammate sees a shown contact without tags and notes, and cannot change it", async () => {
    await organization(stack, { owner: ann, member: bob });
    const [mum] = (await list("?q=mama")).data;
    const seen = await bob.get(`/api/contacts/${mum.id}`);
    assertEquals([seen.status, seen.body.data.name, seen.body.data.tags, seen.body.data.notes], [
      200,
      "Mama",
      [],
      null,
    ]);
    assertEquals((await bob.call("PATCH", `/api/contacts/${mum.id}`, { json: { name: "X" } })).status, 404);
    await stack.db.query(
      "insert into public.privacy_rules (user_id, contact_id, visibility) values ($1, $2, 'private')",
      [ann.id, mum.id],
    );
    assertEquals((await bob.get(`/api/contacts/${mum.id}`)).status, 404);
    assertEquals((await ann.get(`/api/contacts/${mum.id}`)).body.data.name, "Mama");
  });
});
