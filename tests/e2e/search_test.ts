import { assert, assertEquals } from "@std/assert";
import { ContactHitSchema, EventHitSchema } from "../../functions/search/schemas.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 12, minute)).toISOString();
const sms = (minute: number, number: string, content: string, contact_name?: string) => ({
  ts: at(minute),
  type: "sms",
  direction: "inbound",
  number,
  content,
  ...(contact_name && { contact_name }),
});

Deno.test("search", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { default_region: "GB" });
  await ann.log([
    sms(1, "+447700900123", "Dinner tomorrow? <b>Yes</b>", "Zoë Smith"),
    sms(2, "+447700900123", "Dinner is cancelled"),
    sms(3, "+447700900456", "👍 see you tomorrow", "Bob"),
    { ts: at(4), type: "call", direction: "outbound", number: "+447700900456", duration: 60 },
  ]);
  const found = async (query: string, user = ann) => {
    const { status, body } = await user.get(`/api/search/events?${query}`);
    assertEquals([query, status, body.code], [query, 200, undefined]);
    for (const event of body.data) EventHitSchema.parse(event);
    return body;
  };

  await t.step("Texts, names and numbers find events", async () => {
    const minutes = async (query: string) =>
      (await found(query)).data.map((event: { ts: string }) => new Date(event.ts).getUTCMinutes()).sort();
    assertEquals(await minutes("q=dinner"), [1, 2]);
    assertEquals(await minutes("q=dinner%20-cancelled"), [1]);
    assertEquals(await minutes(`q=${encodeURIComponent('"see you" or cancel')}`), [2, 3]);
    assertEquals(await minutes("q=zoe"), [1, 2]);
    assertEquals(await minutes("q=smtih"), [1, 2]);
    assertEquals(await minutes("q=07700%20900456"), [3, 4]);
    assertEquals(await minutes("q=900456&type=call"), [4]);
    assertEquals(await minutes("q=tomorrow&number=07700900456"), [3]);
    assertEquals(await minutes(`q=tomorrow&to=${at(2)}`), [1]);
    assertEquals(await minutes("q=tomorrow&direction=outbound"), []);
    assertEquals(await minutes("q=%21%3F"), []);
  });

  await t.step("Highlights are ranges of the field as it is", async () => {
    const [hit] = (await found("q=tomorrow&order=desc")).data;
    const [mark] = hit.highlights.content;
    assertEquals(hit.content.slice(mark.start, mark.end), "tomorrow");
    const [tagged] = (await found("q=yes")).data;
    assertEquals(tagged.content, "Dinner tomorrow? <b>Yes</b>");
    assertEquals(
      tagged.highlights.content.map(({ start, end }: { start: number; end: number }) =>
        tagged.content.slice(start, end)
      ),
      ["Yes"],
    );
    assertEquals(tagged.matched_by, ["text"]);
  });

  await t.step("Pages lead through everything once, in each order", async () => {
    const pager = await ApiUser.signUp(stack, "pager");
    await pager.log(
      Array.from({ length: 23 }, (_, i) => sms(i % 7, "+447700900999", `word ${"word ".repeat(i % 3)}${i}`)),
    );
    for (const order of ["relevance", "desc", "asc"]) {
      const all = (await found(`q=word&order=${order}&limit=200`, pager)).data.map((hit: { id: string }) =>
        hit.id
      );
      assertEquals(all.length, 23);
      const seen: string[] = [];
      let cursor = "";
      let prev: string | null = null;
      do {
        const { data, meta } = await found(
          `q=word&order=${order}&limit=9${cursor && `&cursor=${cursor}`}`,
          pager,
        );
        // What comes in meanwhile shifts no page by relevance.
        if (cursor === "") await pager.log([sms(30, "+447700900999", "other text")]);
        if (order === "relevance" && cursor === "") {
          await pager.log([sms(31, "+447700900999", "word word word word")]);
        }
        seen.push(...data.map((hit: { id: string }) => hit.id));
        cursor = meta.page.next_cursor;
        prev = meta.page.prev_cursor;
      } while (cursor);
      if (order === "relevance") {
        await pager.call("DELETE", `/api/events/${(await found("q=word&from=" + at(31), pager)).data[0].id}`);
      }
      assertEquals(seen, all);
      const back = await found(`q=word&order=${order}&limit=9&cursor=${prev}`, pager);
      assertEquals(back.data.map((hit: { id: string }) => hit.id), all.slice(9, 18));
    }
    const { meta } = await found("q=word&limit=9", pager);
    const stolen = await pager.get(`/api/search/events?q=other&limit=9&cursor=${meta.page.next_cursor}`);
    assertEquals([stolen.status, stolen.body.code], [400, "cursor_invalid"]);
  });

  await t.step("Contacts are found by name, with a typo, and by any part of a number", async () => {
    const people = async (query: string, user = ann) => {
      const { status, body } = await user.get(`/api/search/contacts?${query}`);
      assertEquals([query, status], [query, 200]);
      for (const contact of body.data) ContactHitSchema.parse(contact);
      assertEquals(body.meta.page.total, body.data.length);
      return body.data.map((contact: { name: string }) => contact.name);
    };
    assertEquals(await people("q=ZOE"), ["Zoë Smith"]);
    assertEquals(await people("q=Simth"), ["Zoë Smith"]);
    assertEquals(await people("q=0456"), ["Bob"]);
    assertEquals((await people("q=447700")).toSorted(), ["Bob", "Zoë Smith"]);
    assertEquals(await people("q=%25"), []);
    const first = await ann.get("/api/search/contacts?q=7700&limit=1");
    const second = await ann.get(
      `/api/search/contacts?q=7700&limit=1&cursor=${first.body.meta.page.next_cursor}`,
    );
    assertEquals([first.body.meta.page.has_more, second.body.meta.page.has_more], [true, false]);
    assertEquals(
      [first.body.data[0].name, second.body.data[0].name].toSorted(),
      ["Bob", "Zoë Smith"],
    );
    const back = await ann.get(
      `/api/search/contacts?q=7700&limit=1&cursor=${second.body.meta.page.prev_cursor}`,
    );
    assertEquals(back.body.data[0].name, first.body.data[0].name);
  });

  await t.step("What is not valid is named, and nothing is a fault of ours", async () => {
    for (
      const query of [
        "",
        "q=",
        "q=%20",
        `q=${"x".repeat(201)}`,
        `q=${"x".repeat(1000)}`,
        "q=a&q=b",
        "q=a&limit=0",
        "q=a&order=best",
        "q=a&colour=red",
      ]
    ) {
      for (const route of ["events", "contacts"]) {
        const { status, body } = await ann.get(`/api/search/${route}?${query}`);
        assertEquals([route, query, status, body.code], [route, query, 400, "validation_failed"]);
      }
    }
    const range = await ann.get(`/api/search/events?q=a&from=${at(2)}&to=${at(1)}`);
    assertEquals([range.status, range.body.code], [400, "range_invalid"]);
    for (
      const q of [
        '"',
        '"""',
        "-",
        "--",
        "-a",
        "or",
        "or or",
        "a or",
        "'",
        "\\",
        "%",
        "_",
        ":*",
        "a:*",
        "a & | ! b",
        "(",
        "<->",
        "👍",
        "\u0001",
        "a\u0000b",
        "\ud800",
        "e".repeat(200),
        "- ".repeat(100),
        '"a '.repeat(50),
        "null",
        "true",
        "eq.5",
        "{}",
        "00000000000000000000",
        "+",
      ]
    ) {
      for (const route of ["events", "contacts"]) {
        const { status } = await ann.get(`/api/search/${route}?q=${encodeURIComponent(q.toWellFormed())}`);
        assert(status === 200 || status === 400, `${status} for ${route} ${JSON.stringify(q)}`);
      }
    }
  });

  await t.step("The routes are for those who may read, and answer 304", async () => {
    const viewer = await ApiUser.signUp(stack, "viewer");
    const member = await ApiUser.signUp(stack, "member");
    const stranger = await ApiUser.signUp(stack, "stranger");
    await organization(stack, { owner: ann, member, viewer });
    for (const route of ["events", "contacts"]) {
      const path = `/api/search/${route}?q=zoe&user_id=${ann.id}`;
      assertEquals((await viewer.get(path)).body.code, "role_insufficient");
      assertEquals((await stranger.get(path)).body.code, "user_not_found");
      const seen = await member.get(path);
      assertEquals([seen.status, seen.body.meta.page.total], [200, route === "events" ? 2 : 1]);
      assertEquals((await member.get(path, { "if-none-match": seen.headers.get("etag") ?? "" })).status, 304);
      const anonymous = await fetch(stack.url + path);
      assertEquals([anonymous.status, (await anonymous.json()).code], [401, "not_authenticated"]);
    }
    assertEquals((await found(`q=dinner&user_id=${ann.id}`, member)).data, []);
    assertEquals((await found("q=zoe", member)).meta.page.total, 0);
  });
});
