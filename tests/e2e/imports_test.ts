import { assertEquals, assertMatch } from "@std/assert";
import { ImportSchema } from "../../functions/imports/schemas.ts";
import { ApiUser, disposableStack, type Reply } from "../helpers/api.ts";
import { type BackupRecord, backupXml } from "../helpers/backup_xml.ts";

const calls: BackupRecord[] = [
  { kind: "call", number: "+447700900001", duration: 61, minute: 0, type: 1, contact_name: "Mum" },
  { kind: "call", number: "07700 900002", duration: 0, minute: 1, type: 3, contact_name: "(Unknown)" },
  { kind: "call", number: "", duration: 0, minute: 2, type: 5, presentation: 2 },
];

function upload(user: ApiUser, body: string | Uint8Array<ArrayBuffer>, query = ""): Promise<Reply> {
  return user.call("POST", `/api/imports?filename=file${query}`, {
    body,
    headers: { "content-type": "application/octet-stream" },
  });
}

/** found = inserted + merged + duplicate + refused, as five numbers. */
function counts({ body: { data } }: Reply): number[] {
  return [data.found, data.inserted, data.merged, data.duplicate, data.refused];
}

Deno.test("imports", async (t) => {
  await using stack = await disposableStack();
  const fresh = (() => {
    let count = 0;
    return (metadata: Record<string, unknown> = { default_region: "GB" }) =>
      ApiUser.signUp(stack, `user${count++}`, metadata);
  })();

  await t.step("A backup goes in, and a second time adds nothing", async () => {
    const ann = await fresh();
    const first = await upload(ann, backupXml(calls));
    assertEquals(first.status, 201);
    ImportSchema.parse(first.body.data);
    assertEquals(counts(first), [3, 3, 0, 0, 0]);
    assertEquals([first.body.data.state, first.body.data.kind, first.body.data.declared], [
      "done",
      "sms_backup_xml",
      3,
    ]);
    assertEquals(first.headers.get("location"), `/imports/${first.body.data.id}`);
    assertEquals(counts(await upload(ann, backupXml(calls))), [3, 0, 0, 3, 0]);
    const events = (await ann.get("/api/events?order=asc")).body.data;
    assertEquals(
      events.map((
        event: Record<string, unknown>,
      ) => [event.number, event.status, event.contact_name, event.duration]),
      [
        ["+447700900001", "answered", "Mum", 61],
        ["+447700900002", "missed", null, 0],
        [null, "declined", null, 0],
      ],
    );
    const { data, meta } = (await ann.get("/api/imports")).body;
    assertEquals([data.length, meta.page.total, data[0].duplicate], [2, 2, 3]);
    assertEquals((await ann.get("/api/sync/coverage")).body.data[0].source, "backup");
  });

  await t.step("In parts of any size the same comes in, and parts may be repeated", async () => {
    const records: BackupRecord[] = Array.from({ length: 60 }, (_, i) => ({
      kind: "sms",
      number: `+4477009000${10 + i % 7}`,
      minute: i,
      type: 1 + i % 2,
      body: `Nachricht ${i} – ünï😀 &amp; &quot;quoted&quot; &lt;b&gt;`,
    }));
    const file = new TextEncoder().encode(backupXml(records));
    for (const size of [file.length, 1000, 333]) {
      const ann = await fresh();
      const opened = await ann.post("/api/imports", { filename: "sms.xml", bytes: file.length });
      assertEquals([opened.status, opened.body.data.state, opened.body.data.next_part], [201, "open", 0]);
      const path = `/api/imports/${opened.body.data.id}`;
      const put = (n: number, bytes = file.slice(n * size, (n + 1) * size)) =>
        ann.call("PUT", `${path}/parts/${n}`, { body: bytes });
      const parts = Math.ceil(file.length / size);
      for (let n = 0; n < parts; n++) {
        const taken = await put(n);
        assertEquals([taken.status, taken.body.code, taken.body.data?.next_part], [200, undefined, n + 1]);
        if (n % 5 === 0) {
          assertEquals((await put(n)).body.data, taken.body.data);
          if (n + 2 < parts) assertEquals((await put(n + 2)).body.code, "import_part_out_of_order");
          assertEquals((await put(n, new TextEncoder().encode("other"))).body.code, "import_part_differs");
        }
        if (n === 0 && parts > 1) {
          assertEquals((await ann.post(`${path}/complete`, {})).body.code, "import_incomplete");
        }
      }
      const done = await ann.post(`${path}/complete`, {});
      assertEquals(done.status, 200);
      assertEquals([counts(done), done.body.data.state], [[60, 60, 0, 0, 0], "done"]);
      assertEquals((await ann.post(`${path}/complete`, {})).body.data, done.body.data);
      assertEquals((await ann.get(path)).body.data, done.body.data);
      assertEquals((await put(parts + 1, new TextEncoder().encode("x"))).body.code, "import_not_open");
      const texts = (await ann.get("/api/events?order=asc&limit=200")).body.data.map((
        event: { content: string },
      ) => event.content);
      assertEquals(texts, records.map((_, i) => `Nachricht ${i} – ünï😀 & "quoted" <b>`));
    }
  });

  await t.step("The same part twice at once, and two imports at once, count each record once", async () => {
    const ann = await fresh();
    const records: BackupRecord[] = Array.from(
      { length: 400 },
      (_, i) => ({ kind: "sms", number: `+4477009001${10 + i % 40}`, minute: i, type: 1, body: `n${i}` }),
    );
    const file = backupXml(records);
    const { body: { data: { id } } } = await ann.post("/api/imports", { filename: "race.xml" });
    const put = () => ann.call("PUT", `/api/imports/${id}/parts/0`, { body: file });
    const puts = await Promise.all([put(), put(), put()]);
    assertEquals(puts.map((reply) => reply.status), [200, 200, 200]);
    const ends = await Promise.all([
      ann.post(`/api/imports/${id}/complete`, {}),
      ann.post(`/api/imports/${id}/complete`, {}),
    ]);
    assertEquals(ends.map((reply) => [reply.status, ...counts(reply)]), [[200, 400, 400, 0, 0, 0], [
      200,
      400,
      400,
      0,
      0,
      0,
    ]]);
    const both = await Promise.all([upload(ann, file), upload(ann, file), ann.get("/api/events?limit=1")]);
    assertEquals(both[0] && counts(both[0]), [400, 0, 0, 400, 0]);
    assertEquals((await ann.get("/api/events")).body.meta.page.total, 400);
  });

  await t.step("Two different bodies for one part: one is in, the other is told", async () => {
    const ann = await fresh();
    const file = new TextEncoder().encode(backupXml(calls));
    const { body: { data: { id } } } = await ann.post("/api/imports", { filename: "race.xml" });
    const put = (bytes: Uint8Array<ArrayBuffer>) =>
      ann.call("PUT", `/api/imports/${id}/parts/0`, { body: bytes });
    const both = await Promise.all([put(file), put(new TextEncoder().encode("<calls>"))]);
    assertEquals(both.map((reply) => reply.status).sort(), [200, 409]);
    assertEquals(both.find((reply) => reply.status === 409)?.body.code, "import_part_differs");
  });

  await t.step("Many names, many cards and many lines stay linear", async () => {
    const ann = await fresh();
    const rows = Array.from(
      { length: 5000 },
      (_, i) => `2026-05-01T10:00:00Z,+4477009${String(i).padStart(5, "0")},in,Name ${i}`,
    );
    const names = await upload(ann, ["time,number,direction,name", ...rows].join("\n"));
    assertEquals([names.status, counts(names)], [201, [5000, 5000, 0, 0, 0]]);
    const cards = Array.from(
      { length: 5000 },
      (_, i) =>
        `BEGIN:VCARD\nVERSION:3.0\nFN:Card ${i}\nTEL:+4477010${String(i).padStart(5, "0")}\nEND:VCARD`,
    );
    assertEquals(counts(await upload(ann, cards.join("\n"))), [5000, 5000, 0, 0, 0]);
    const folded = await upload(ann, `BEGIN:VCARD\nFN:a\n${" a\n".repeat(120_000)}`);
    assertMatch(folded.body.errors.at(-1).message, /^record_too_large: /);
    const wide = await upload(ann, `${Array.from({ length: 100_000 }, () => "a").join(",")}\n1,2\n`);
    assertEquals(wide.body.code, "import_needs_mapping");
    const many = await upload(ann, "time,number,direction\n".repeat(200_000));
    assertEquals([many.status, many.body.code], [413, "body_too_large"]);
    const refused = await upload(ann, `ts,number,direction\n${"x,1,in\n".repeat(3000)}`);
    assertEquals([refused.status, refused.body.import.refused, refused.body.import.errors.length], [
      422,
      3000,
      100,
    ]);
    assertEquals((await upload(ann, backupXml(calls), "")).status, 201);
    const plain = await ann.call("POST", "/api/imports", {
      body: backupXml(calls),
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    assertEquals([plain.status, counts(plain)], [201, [3, 0, 0, 3, 0]]);
    const form = await ann.call("POST", "/api/imports", {
      body: "--x",
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });
    assertEquals([form.status, form.body.code], [415, "media_type_unsupported"]);
  });

  await t.step("A CSV is previewed, mapped by its headings or by the caller, and imported", async () => {
    const ann = await fresh({ time_zone: "Europe/Berlin", default_region: "DE" });
    const csv =
      "Datum;Uhrzeit;Rufnummer;Richtung;Dauer\n01.05.2026;10:00:00;030 901820;Eingehend;0:01:30\n01.05.2026;11:00:00;0171 1234567;Verpasst;0:00:00\n";
    const preview = await upload(ann, csv, "&preview=true");
    assertEquals([preview.status, preview.body.data.kind], [200, "csv"]);
    assertEquals((await ann.get("/api/events")).body.data, []);
    assertEquals((await ann.get("/api/imports")).body.data, []);
    assertEquals(counts(await upload(ann, csv)), [2, 2, 0, 0, 0]);
    const events = (await ann.get("/api/events?order=asc")).body.data;
    assertEquals(
      events.map((event: Record<string, unknown>) => [event.ts, event.number, event.status, event.duration]),
      [
        ["2026-05-01T08:00:00+00:00", "+4930901820", "answered", 90],
        ["2026-05-01T09:00:00+00:00", "+491711234567", "missed", 0],
      ],
    );
    const odd = "A,B,C\n2026-05-02T10:00:00Z,030 901821,in\n";
    const unmapped = await upload(ann, odd);
    assertEquals([unmapped.status, unmapped.body.code], [422, "import_needs_mapping"]);
    assertMatch(unmapped.body.errors[0].message, /^columns_missing: /);
    assertEquals([unmapped.body.import.state, unmapped.body.import.found], ["needs_mapping", 0]);
    assertEquals((await ann.get(`/api/imports/${unmapped.body.import.id}`)).body.data.state, "needs_mapping");
    const path = `/api/imports/${unmapped.body.import.id}`;
    const mapped = await ann.call("PATCH", path, {
      json: { mapping: { ts: "A", number: "B", direction: "C" } },
    });
    assertEquals([mapped.status, mapped.body.data.state, mapped.body.data.next_part], [200, "open", 0]);
    await ann.call("PUT", `${path}/parts/0`, { body: odd });
    assertEquals(counts(await ann.post(`${path}/complete`, {})), [1, 1, 0, 0, 0]);
    const mapping = encodeURIComponent(JSON.stringify({ ts: "A", number: "B", direction: "C" }));
    assertEquals(counts(await upload(ann, odd, `&mapping=${mapping}`)), [1, 0, 0, 1, 0]);
  });

  await t.step("Our own NDJSON and address cards go in too", async () => {
    const ann = await fresh();
    const lines = [
      {
        ts: "2026-05-01T10:00:00Z",
        number: "+447700900001",
        type: "call",
        direction: "inbound",
        duration: 5,
      },
      {
        ts: "2026-05-01T10:01:00Z",
        number: "+447700900002",
        type: "sms",
        direction: "outbound",
        content: "Hi",
      },
      { ts: "soon", number: "+447700900002", type: "sms", direction: "outbound" },
    ].map((line) => JSON.stringify(line)).join("\n");
    const events = await upload(ann, lines + "\nnot json\n");
    assertEquals(counts(events), [4, 2, 0, 0, 2]);
    assertEquals(
      events.body.data.errors.map((error: Record<string, string>) => [error.position, error.code]).sort(),
      [["line 3", "ts_invalid"], ["line 4", "json_invalid"]],
    );
    const card =
      "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Grace Hopper\r\nTEL;TYPE=CELL:07700 900001\r\nTEL:+44 7700 900002\r\nEND:VCARD\r\n";
    assertEquals(counts(await upload(ann, card)), [1, 0, 1, 0, 0]);
    assertEquals(counts(await upload(ann, card)), [1, 0, 0, 1, 0]);
    const { data } = (await ann.get("/api/contacts")).body;
    assertEquals(data.map((contact: Record<string, unknown>) => [contact.name, contact.numbers]), [
      ["Grace Hopper", ["+447700900001", "+447700900002"]],
    ]);
  });

  await t.step("What cannot be read is a 422 that says what and where, and writes nothing else", async () => {
    const ann = await fresh();
    const bomb =
      '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><calls count="1">&b;</calls>';
    const cases: [string, string | Uint8Array<ArrayBuffer>, string][] = [
      ["not a known kind", "just some words", "kind_unknown"],
      ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]), "kind_unknown"],
      ["empty", "", "file_empty"],
      ["another XML", "<html><body>hi</body></html>", "xml_not_a_backup"],
      ["an XML bomb", bomb, "xml_doctype_refused"],
      ["broken markup", '<calls count="1"><call number="1" <</calls>', "xml_malformed"],
      [
        "not its encoding",
        new Uint8Array([
          ...new TextEncoder().encode(
            '<?xml version="1.0" encoding="UTF-8"?><smses count="1"><sms address="1" date="1777000000000" type="1" body="',
          ),
          0xff,
          0xfe,
          0xff,
          ...new TextEncoder().encode('"/></smses>'),
        ]),
        "encoding_invalid",
      ],
    ];
    for (const [name, body, code] of cases) {
      const { status, body: problem } = await upload(ann, body);
      assertEquals([name, status, problem.code], [name, 422, "import_failed"]);
      assertMatch(problem.errors.at(-1).message, new RegExp(`^${code}: `));
      assertMatch(problem.errors.at(-1).path, /^(byte|line) \d+$/);
      assertEquals(problem.import.state, "failed");
    }
    assertEquals((await ann.get("/api/events")).body.meta.page.total, 0);
    assertEquals((await ann.get("/api/contacts")).body.meta.page.total, 0);
  });

  await t.step("A file that is cut off keeps its whole records", async () => {
    const ann = await fresh();
    const text = backupXml(calls);
    const { status, body } = await upload(ann, text.slice(0, text.lastIndexOf("<call ") + 20));
    assertEquals([status, body.code, body.import.state], [422, "import_failed", "failed"]);
    assertMatch(body.errors.at(-1).message, /^file_truncated: /);
    assertEquals([body.import.inserted, body.import.declared], [2, 3]);
    assertEquals((await ann.get("/api/events")).body.meta.page.total, 2);
  });

  await t.step("One record of 10 MB is refused, MMS attachments of any size are not", async () => {
    const ann = await fresh();
    const huge = `<smses count="1"><sms address="+447700900001" date="1777000000000" type="1" body="${
      "x".repeat(7_000_000)
    }"/></smses>`;
    const { status, body } = await upload(ann, huge);
    assertEquals([status, body.code], [422, "import_failed"]);
    assertMatch(body.errors.at(-1).message, /^record_too_large: /);
    const attachment = "QUJD".repeat(1_500_000);
    const mms =
      `<smses count="1"><mms address="+447700900001" date="1777000000000" msg_box="1" m_type="132"><parts><part seq="0" ct="image/jpeg" text="null" data="${attachment}"/><part seq="1" ct="text/plain" text="Look"/></parts><addrs><addr address="+447700900001" type="137"/></addrs></mms></smses>`;
    const taken = await upload(ann, mms);
    assertEquals([taken.status, counts(taken)], [201, [1, 1, 0, 0, 0]]);
    assertEquals((await ann.get("/api/events")).body.data[0].content, "Look");
    const large = await upload(ann, new Uint8Array(8 * 1024 * 1024 + 1));
    assertEquals([large.status, large.body.code], [413, "body_too_large"]);
  });

  await t.step("A claim of a billion rows costs nothing, a wrong count is no fault", async () => {
    const ann = await fresh();
    const claimed = await upload(ann, backupXml(calls, 1_000_000_000));
    assertEquals([claimed.status, claimed.body.data.declared, claimed.body.data.found], [
      201,
      1_000_000_000,
      3,
    ]);
    const announced = await ann.post("/api/imports", { bytes: 1e15 });
    assertEquals([announced.status, announced.body.errors[0].path], [400, "bytes"]);
  });

  await t.step("A file of which nothing was taken says why, row by row", async () => {
    const ann = await fresh();
    const { status, body } = await upload(
      ann,
      backupXml([{ ...calls[0], minute: 60 * 24 * 365 * 3 } as BackupRecord]),
    );
    assertEquals([status, body.code, body.import.refused], [422, "import_failed", 1]);
    assertMatch(body.errors[0].message, /^ts_in_future: /);
    assertMatch(body.errors[0].path, /^byte \d+$/);
    assertEquals((await ann.get("/api/contacts")).body.meta.page.total, 0);
  });

  await t.step("Nobody reads or feeds another's import, and what is not valid is named", async () => {
    const [ann, bob] = [await fresh(), await fresh()];
    const { body: { data: { id } } } = await ann.post("/api/imports", { filename: "a.xml" });
    for (
      const [method, path] of [["GET", ""], ["PUT", "/parts/0"], ["POST", "/complete"], [
        "PATCH",
        "",
      ]] as const
    ) {
      const { status, body } = await bob.call(
        method,
        `/api/imports/${id}${path}`,
        method === "PATCH" ? { json: {} } : method === "GET" ? {} : { body: "x" },
      );
      assertEquals([method, status, body.code], [method, 404, "import_not_found"]);
    }
    assertEquals((await bob.get("/api/imports")).body.data, []);
    const code = async (query: string) => (await upload(ann, "x", query)).body.errors[0].path;
    assertEquals(await code("&kind=docx"), "kind");
    assertEquals(await code("&time_zone=Mars"), "time_zone");
    assertEquals(await code("&mapping=x"), "mapping");
    assertEquals(await code("&colour=red"), "colour");
    assertEquals((await ann.call("PUT", `/api/imports/${id}/parts/x`, { body: "x" })).status, 400);
    assertEquals(
      (await ann.call("PUT", `/api/imports/${id}/parts/0`, { body: new Uint8Array(1024 * 1024 + 1) })).status,
      413,
    );
    assertEquals((await ann.get(`/api/imports/${id}`)).body.data.state, "open");
    const parser = await fetch(`${stack.url}/rest/v1/imports?select=parser`, {
      headers: { apikey: stack.publishable_key, authorization: `Bearer ${ann.token}` },
    });
    assertEquals(parser.ok, false);
    await parser.body?.cancel();
  });
});
