import { assert, assertEquals } from "@std/assert";
import { assertSameWhereverCut, codesOf, eventsOf, parseWhole, refusalsOf } from "./testing.ts";

const EVENT = { ts: "2014-02-02T17:17:46+01:00", number: "+4520000001", type: "call", direction: "inbound" };
const REST = { status: null, duration: null, content: null, contact_name: null };

Deno.test("each line is one event whose values pass through", () => {
  const full = {
    ...EVENT,
    status: "answered",
    duration: 5,
    content: null,
    contact_name: "Åse 😀",
    source: "device",
    source_id: "a1",
    line_id: "b2",
    metadata: { deep: [1, { x: "y" }] },
  };
  const lines = [JSON.stringify(EVENT), "", JSON.stringify({ ...full, other: 1 }), `{"ts":5}`];
  const result = assertSameWhereverCut(`${lines.join("\r\n")}\r\n\r\n`);
  assertEquals(eventsOf(result) as unknown[], [{ ...EVENT, ...REST }, full, {
    number: null,
    ts: 5,
    ...REST,
  }]);
  assertEquals(result.records.map(({ position }) => position), ["line 1", "line 3", "line 4"]);
  assertEquals(result.state.first_ts, { call: "2014-02-02T16:17:46.000Z", sms: null });
});

Deno.test("the last line needs no line break", () => {
  assertEquals(eventsOf(assertSameWhereverCut(`\ufeff${JSON.stringify(EVENT)}`)).length, 1);
});

Deno.test("lines that are no object are refused one by one", () => {
  const good = JSON.stringify(EVENT);
  const result = assertSameWhereverCut(`${good}\n[1]\nsecret words\n"x"\nnull\n{"ts":\n${good}\n`);
  assertEquals(codesOf(result), ["event", ...Array(5).fill("json_invalid"), "event"]);
  assertEquals(refusalsOf(result)[1]?.position, "line 3");
  assert(!JSON.stringify(refusalsOf(result)).includes("secret"));
});

Deno.test("a file cut off in a line keeps the lines before it", () => {
  const { records, fault } = assertSameWhereverCut(`${JSON.stringify(EVENT)}\n{"ts":"2014-`);
  assertEquals([records.length, fault?.code, fault?.position], [1, "file_truncated", "line 2"]);
  assertEquals(parseWhole(`{"ts":"2014-`).fault?.code, "file_truncated");
});

Deno.test("what the database cannot store is taken out of every text", () => {
  const line = String
    .raw`{"ts":"2014-02-02T16:17:46Z","content":"a\u0000b\ud83dc\ud83d\ude00","metadata":{"k\u0000":["\u000b"]}}`;
  const [event] = eventsOf(parseWhole(`${line}\n`));
  assertEquals([event?.content, event?.metadata], ["ab\ufffdc😀", { k: [""] }]);
  const [raw] = eventsOf(parseWhole(`{"content":"a\u0000b\u000bc"}\n`));
  assertEquals(raw?.content, "abc");
});

Deno.test("a line larger than the limit ends the file", () => {
  const line = JSON.stringify({ ...EVENT, content: "x".repeat(200) });
  const { fault, records } = assertSameWhereverCut(`${JSON.stringify(EVENT)}\n${line}\n`, {
    max_carry_bytes: 250,
  });
  assertEquals([fault?.code, fault?.position, records.length], ["record_too_large", "line 2", 1]);
});
