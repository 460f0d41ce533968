import { assert, assertEquals, assertMatch } from "@std/assert";
import { CreatedSchema, EventSchema, ListMeta } from "../../functions/events/schemas.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";

const call = { type: "call", direction: "inbound", number: "+447700900123" };
const at = (minute: number) => new Date(Date.UTC(2026, 4, 1, 12, minute)).toISOString();

Deno.test("events", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann", { default_region: "GB" });
  const bob = await ApiUser.signUp(stack, "bob");

  await t.step("A batch is taken in, and says what became of each row", async () => {
    const reply = await ann.post("/api/events", {
      events: [
        { ...call, ts: at(0), duration: 61, contact_name: "Mum" },
        { ...call, ts: at(0), duration: 61 },
        { ts: at(1), type: "sms", direction: "outbound", number: "07700 900124", content: "Hello" },
        { ts: at(2), type: "call", direction: "inbound", number: null, status: "missed", duration: 0 },
        { ...call, ts: "yesterday" },
        { ...call, ts: at(3), duration: -1 },
      ],
    });
    assertEquals(reply.status, 200);
    CreatedSchema.parse(reply.body.data);
    assertEquals(reply.body.data.counts, { inserted: 3, merged: 0, duplicate: 1, refused: 2 });
    assertEquals(
      reply.body.data.results.map((
        row: { outcome: string; code?: string; path?: string },
      ) => [row.outcome, row.code, row.path]),
      [
        ["inserted", undefined, undefined],
        ["duplicate", undefined, undefined],
        ["inserted", undefined, undefined],
        ["inserted", undefined, undefined],
        ["refused", "ts_invalid", "ts"],
        ["refused", "duration_invalid", "duration"],
      ],
    );
  });

  await t.step("Events come back newest first, with national numbers in E.164", async () => {
    const { status, body } = await ann.get("/api/events");
    assertEquals(status, 200);
    for (const event of body.data) EventSchema.parse(event);
    assertEquals(body.data.map((event: { number: string | null }) => event.number), [
      null,
      "+447700900124",
      "+447700900123",
    ]);
    assertEquals(body.data[0].status, "missed");
    assertEquals(body.data[0].contact_id, null);
    assertEquals(body.data[2].contact_name, "Mum");
    assertEquals(body.meta.page, {
      next_cursor: null,
      prev_cursor: null,
      has_more: false,
      total: 3,
      total_is_estimate: false,
    });
  });

  await t.step("Each filter finds what it should and nothing else", async () => {
    const [mum] = (await ann.get("/api/events?number=%2B447700900123")).body.data;
    const found = async (query: string) => {
      const { status, body } = await ann.get(`/api/events?${query}`);
      assertEquals([query, status, body.code], [query, 200, undefined]);
      return body.data.length;
    };
    assertEquals(await found("number=07700900124"), 1);
    assertEquals(await found("type=sms"), 1);
    assertEquals(await found("type=call"), 2);
    assertEquals(await found("direction=outbound"), 1);
    assertEquals(await found("status=missed"), 1);
    assertEquals(await found("status=voicemail"), 0);
    assertEquals(await found("source=api"), 3);
    assertEquals(await found("source=device"), 0);
    assertEquals(await found(`contact_id=${mum.contact_id}`), 1);
    assertEquals(await found(`line_id=${crypto.randomUUID()}`), 0);
    assertEquals(await found("min_duration=61"), 1);
    assertEquals(await found("max_duration=60"), 1);
    assertEquals(await found(`from=${at(1)}`), 2);
    assertEquals(await found(`to=${at(1)}`), 1);
    assertEquals(await found("updated_since=2020-01-01T00:00:00Z"), 3);
    assertEquals(await found("updated_since=2099-01-01T00:00:00Z"), 0);
    assertEquals(await found("order=asc&type=call&from=2026-01-01T00:00:00%2B05:45"), 2);
  });

  await t.step("Pages lead through everything once, forwards and back", async () => {
    const pager = await ApiUser.signUp(stack, "pager");
    // Equal times put the order on the id.
    await pager.log(Array.from({ length: 25 }, (_, i) => ({ ...call, ts: at(i % 5), duration: i + 5 })));
    for (const order of ["asc", "desc"]) {
      const all = (await pager.get(`/api/events?order=${order}&limit=200`)).body.data.map((
        event: { id: string },
      ) => event.id);
      const seen: string[] = [];
      let cursor = "";
      let last_page: string[] = [];
      let prev: string | null = null;
      do {
        const { body } = await pager.get(
          `/api/events?order=${order}&limit=10${cursor && `&cursor=${cursor}`}`,
        );
        last_page = body.data.map((event: { id: string }) => event.id);
        seen.push(...last_page);
        assertEquals(body.meta.page.total, 25);
        assertEquals(body.meta.page.has_more, body.meta.page.next_cursor !== null);
        cursor = body.meta.page.next_cursor;
        prev = body.meta.page.prev_cursor;
      } while (cursor);
      assertEquals(seen, all);
      const back = (await pager.get(`/api/events?order=${order}&limit=10&cursor=${prev}`)).body;
      assertEquals(back.data.map((event: { id: string }) => event.id), all.slice(10, 20));
      const start =
        (await pager.get(`/api/events?order=${order}&limit=10&cursor=${back.meta.page.prev_cursor}`)).body;
      assertEquals(start.data.map((event: { id: string }) => event.id), all.slice(0, 10));
      assertEquals(start.meta.page.prev_cursor, null);
    }
    const { body } = await pager.get("/api/events?limit=10");
    for (
      const [user, query] of [[bob, "limit=10"], [pager, "limit=10&type=call"], [
        pager,
        "limit=10&order=asc",
      ]] as const
    ) {
      const stolen = await user.get(`/api/events?${query}&cursor=${body.meta.page.next_cursor}`);
      assertEquals([stolen.status, stolen.body.code], [400, "cursor_invalid"]);
    }
  });

  await t.step("A client that syncs is told what changed and what went, and misses nothing", async () => {
    const phone = await ApiUser.signUp(stack, "phone");
    const started = new Date(Date.now() - 60_000).toISOString();
    const { body: { data: { results } } } = await phone.log(
      Array.from({ length: 12 }, (_, i) => ({ ...call, ts: at(100 - i), duration: i + 5 })),
    );
    const ids: string[] = results.map(({ id }: { id: string }) => id);
    for (const id of ids.slice(2, 5)) await phone.call("DELETE", `/api/events/${id}`);
    const copy = new Set<string>();
    const untils = new Set<string>();
    const sync = async (since: string) => {
      let cursor = "";
      let pages = 0;
      let until = "";
      do {
        const { status, body } = await phone.get(
          `/api/events?updated_since=${encodeURIComponent(since)}&limit=4${cursor && `&cursor=${cursor}`}`,
        );
        assertEquals(status, 200);
        ListMeta.parse(body.meta);
        assert(body.data.length + body.meta.deleted.length <= 4);
        for (const { id } of body.data) copy.add(id);
        for (const { id } of body.meta.deleted) copy.delete(id);
        until = body.meta.sync_until;
        untils.add(until);
        cursor = body.meta.page.next_cursor;
        pages++;
      } while (cursor);
      return { until, pages };
    };
    const first = await sync(started);
    assertEquals(first.pages, 3);
    assertEquals([...untils], [first.until]);
    assert(Date.parse(first.until) <= Date.now());
    assertEquals([...copy].toSorted(), ids.filter((_, i) => i < 2 || i > 4).toSorted());
    await phone.log([{ ...call, ts: at(200), duration: 1 }]);
    await phone.call("DELETE", `/api/events/${ids[0]}`);
    await sync(first.until);
    const now = (await phone.get("/api/events?limit=200")).body.data.map(({ id }: { id: string }) => id);
    assertEquals([...copy].toSorted(), now.toSorted());
    const by_time = await phone.get(`/api/events?updated_since=${started}&order=asc`);
    assertEquals([by_time.body.meta.deleted, by_time.body.meta.page.total], [undefined, 9]);
  });

  await t.step("What is not valid is named", async () => {
    const bad = [
      "limit=0",
      "limit=201",
      "limit=x",
      "type=fax",
      "from=2026-05-01",
      "contact_id=1",
      "colour=red",
      "type=call&type=sms",
      "order=up",
    ];
    for (
      const [query, code] of [
        [`from=${at(2)}&to=${at(1)}`, "range_invalid"],
        ["min_duration=2&max_duration=1", "validation_failed"],
        ["order=changes", "validation_failed"],
      ] as const
    ) {
      const { status, body } = await ann.get(`/api/events?${query}`);
      assertEquals([query, status, body.code], [query, 400, code]);
    }
    for (const query of bad) {
      const { status, body } = await ann.get(`/api/events?${query}`);
      assertEquals([query, status, body.code], [query, 400, "validation_failed"]);
      assertEquals(body.errors[0].path, query.split("=")[0]);
    }
    const empty = await ann.post("/api/events", { events: [] });
    assertEquals([empty.status, empty.body.errors[0].path], [400, "events"]);
    const many = await ann.post("/api/events", {
      events: Array.from({ length: 1001 }, () => ({ ...call, ts: at(0) })),
    });
    assertEquals([many.status, many.body.code], [400, "validation_failed"]);
    const unknown = await ann.post("/api/events", { events: [{ ...call, ts: at(0) }], owner: bob.id });
    assertEquals([unknown.status, unknown.body.errors[0].path], [400, "owner"]);
    const broken = await ann.call("POST", "/api/events", {
      body: "{",
      headers: { "content-type": "application/json" },
    });
    assertEquals([broken.status, broken.body.code], [400, "json_invalid"]);
  });

  await t.step("Hostile values are cleaned or refused, never a fault of ours", async () => {
    const mal = await ApiUser.signUp(stack, "mal");
    const dirty = await mal.post("/api/events", {
      events: [
        {
          ts: at(50),
          type: "sms",
          direction: "inbound",
          number: "+447700900777",
          content: "a\u0000b\ud800c",
          contact_name: "N\u0000ame",
        },
        { ts: at(51), type: "sms", direction: "inbound", number: "+447700900777", content: "fine" },
      ],
    });
    assertEquals([dirty.status, dirty.body.data.counts.inserted], [200, 2]);
    assertEquals((await mal.get("/api/events?order=asc")).body.data[0].content, "ab\ufffdc");
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    const bodies = [
      `{"events":[{"ts":"${at(52)}","type":"call","direction":"inbound","metadata":${deep}}]}`,
      `{"events":[{"ts":"0000-01-01T00:00:00Z","type":"call","direction":"inbound"}]}`,
      `{"events":[{"ts":"2026-05-01T00:00:00+25:00","type":"call","direction":"inbound"}]}`,
    ];
    for (const body of bodies) {
      const { status } = await mal.call("POST", "/api/events", {
        body,
        headers: { "content-type": "application/json" },
      });
      assert(status >= 400 && status < 500, `${status} for ${body.slice(0, 120)}`);
    }
    for (
      const query of [
        "from=0000-01-01T00:00:00Z",
        "from=2026-05-01T00:00:00%2B23:59",
        "number=a%00b",
        "user_id=null",
      ]
    ) {
      const { status } = await mal.get(`/api/events?${query}`);
      assert(status < 500, `${status} for ${query}`);
    }
    const untyped = await mal.call("POST", "/api/events", {
      body: "{}",
      headers: { "content-type": "text/plain" },
    });
    assertEquals([untyped.status, untyped.body.code], [415, "media_type_unsupported"]);
    assertEquals((await mal.get("/api/contacts?q=true")).status, 200);
  });

  await t.step("A token whose account is gone writes nothing", async () => {
    const gone = await ApiUser.signUp(stack, "gone");
    await stack.db.query("delete from auth.users where id = $1", [gone.id]);
    for (
      const reply of [
        await gone.post("/api/events", { events: [{ ts: at(60), type: "call", direction: "inbound" }] }),
        await gone.post("/api/imports", { filename: "x" }),
        await gone.post("/api/sync/reports", { source: "device" }),
      ]
    ) assertEquals([reply.status, reply.body.code], [401, "not_authenticated"]);
  });

  await t.step("A batch of which nothing was taken is a 422 that says why", async () => {
    const { status, body } = await ann.post("/api/events", {
      events: [{ ...call, ts: "2999-01-01T00:00:00Z" }],
    });
    assertEquals([status, body.code], [422, "events_refused"]);
    assertEquals(body.errors[0].path, "events/0/ts");
    assertMatch(body.errors[0].message, /^ts_in_future/);
  });

  await t.step("An Idempotency-Key answers once", async () => {
    const headers = { "idempotency-key": "one" };
    const batch = { events: [{ ...call, ts: at(30) }] };
    const first = await ann.post("/api/events", batch, headers);
    const again = await ann.post("/api/events", batch, headers);
    assertEquals(again.body, first.body);
    assertEquals([first.headers.get("idempotency-replayed"), again.headers.get("idempotency-replayed")], [
      null,
      "true",
    ]);
    assertEquals(again.body.data.counts.inserted, 1);
    const other = await ann.post("/api/events", { events: [{ ...call, ts: at(31) }] }, headers);
    assertEquals([other.status, other.body.code], [422, "idempotency_key_reused"]);
    const theirs = await bob.post("/api/events", batch, headers);
    assertEquals(theirs.headers.get("idempotency-replayed"), null);
    const long = await ann.post("/api/events", batch, { "idempotency-key": "x".repeat(256) });
    assertEquals([long.status, long.body.errors[0].path], [400, "headers/idempotency-key"]);
  });

  await t.step("The same batch many times at once is in once", async () => {
    const eve = await ApiUser.signUp(stack, "eve");
    const events = Array.from(
      { length: 300 },
      (_, i) => ({ ...call, number: `+44770090${1000 + i % 50}`, ts: at(i), contact_name: `P${i % 40}` }),
    );
    const replies = await Promise.all(Array.from({ length: 6 }, () => eve.post("/api/events", { events })));
    assertEquals(replies.map((reply) => reply.status), [200, 200, 200, 200, 200, 200]);
    assertEquals(replies.reduce((sum, reply) => sum + reply.body.data.counts.inserted, 0), 300);
    assertEquals((await eve.get("/api/events")).body.meta.page.total, 300);
    const once = await Promise.all(
      Array.from(
        { length: 5 },
        () => eve.post("/api/events", { events: [{ ...call, ts: at(999) }] }, { "idempotency-key": "race" }),
      ),
    );
    const [codes, inserted] = [
      once.map((reply) => reply.status),
      once.filter((reply) => reply.body.data?.counts.inserted === 1),
    ];
    assertEquals(codes.filter((code) => code !== 200 && code !== 409), []);
    assert(inserted.length >= 1);
    assertEquals((await eve.get("/api/events")).body.meta.page.total, 301);
  });

  await t.step("One event is read and deleted by its owner, and stays deleted", async () => {
    const event = { ...call, ts: at(40), duration: 7 };
    const { body: { data: { results: [{ id }] } } } = await ann.log([event]);
    assertEquals((await ann.get(`/api/events/${id}`)).body.data.id, id);
    assertEquals((await bob.get(`/api/events/${id}`)).body.code, "event_not_found");
    assertEquals((await bob.call("DELETE", `/api/events/${id}`)).status, 404);
    assertEquals((await ann.get(`/api/events/${id}`)).status, 200);
    const gone = await ann.call("DELETE", `/api/events/${id}`);
    assertEquals([gone.status, gone.body.data], [200, { id, deleted: true }]);
    assertEquals((await ann.get(`/api/events/${id}`)).status, 404);
    assertEquals((await ann.log([event])).body.data.counts, {
      inserted: 0,
      merged: 0,
      duplicate: 1,
      refused: 0,
    });
    assertEquals((await ann.get(`/api/events/${id}`)).status, 404);
    assertEquals((await ann.get("/api/events/not-a-uuid")).status, 400);
    // Version 7, as the database makes them.
    assertEquals((await ann.get("/api/events/01890a5d-ac96-774b-bcce-b302099a8057")).status, 404);
  });

  await t.step("Teammates see what the rules allow; others nothing", async () => {
    const viewer = await ApiUser.signUp(stack, "viewer");
    const member = await ApiUser.signUp(stack, "member");
    const elsewhere = await ApiUser.signUp(stack, "elsewhere");
    await organization(stack, { owner: ann, member, viewer });
    await organization(stack, { admin: elsewhere });
    const seen = await member.get(`/api/events?user_id=${ann.id}&limit=200`);
    assertEquals(seen.status, 200);
    const message = seen.body.data.find((event: { type: string }) => event.type === "sms");
    assertEquals([message.content, message.number, message.masked], [null, "+447700900124", ["content"]]);
    assertEquals((await viewer.get(`/api/events?user_id=${ann.id}`)).body.code, "role_insufficient");
    for (const stranger of [elsewhere, bob]) {
      assertEquals((await stranger.get(`/api/events?user_id=${ann.id}`)).body.code, "user_not_found");
      assertEquals((await stranger.get(`/api/events/${message.id}`)).body.code, "event_not_found");
    }
    assertEquals((await member.call("DELETE", `/api/events/${message.id}`)).status, 404);
    assertEquals((await member.get("/api/events")).body.data, []);
    await stack.db.query(
      "insert into public.privacy_rules (user_id, contact_id, visibility, mask_number) values ($1, $2, 'private', true)",
      [ann.id, message.contact_id],
    );
    assertEquals((await member.get(`/api/events/${message.id}`)).status, 404);
    assertEquals(
      (await member.get(`/api/events?user_id=${ann.id}&contact_id=${message.contact_id}`)).body.meta.page
        .total,
      0,
    );
    await stack.db.query("update public.privacy_rules set visibility = 'team' where user_id = $1", [ann.id]);
    const masked = (await member.get(`/api/events/${message.id}`)).body.data;
    assertEquals([masked.number, masked.content, masked.masked], [null, null, ["number", "content"]]);
    assertEquals(
      (await member.get(`/api/events?user_id=${ann.id}&number=%2B447700900124`)).body.meta.page.total,
      0,
    );
  });
});
