import { assert, assertEquals } from "@std/assert";
import { openParser, parsePart, type ParserState } from "./parser.ts";
import { assertSameWhereverCut, codesOf, eventsOf, parseWhole, utf8, ZONE } from "./testing.ts";

const PARTS = `<parts>
  <part seq="-1" ct="application/smil" text="&lt;smil/&gt;" />
  <part seq="0" ct="text/plain" text="Hi &#55357;&#56832;" />
  <part seq="0" ct="image/jpeg" name="a.jpg" text="null" data="/9j/4AAQ+/=="/>
  <part seq="1" ct='text/plain' text='bye' />
</parts>`;

function mms(attributes: string, addresses: string, parts = PARTS): string {
  return `<smses count="1"><mms date="1391361412000" date_sent="1391361400" m_type="132" ${attributes}>${parts}
<addrs>${addresses}</addrs></mms></smses>`;
}

Deno.test("a received MMS is one message of its sender with its texts, attachments and participants", () => {
  const file = mms(
    `msg_box="1" address="+451~+452~+453" contact_name="Ann, Bo, Cy" m_id="ab12@mms" sub="Trip" sub_id="2"`,
    `<addr address="insert-address-token" type="151"/><addr address="+452" type="137" charset="106"/>`,
  );
  assertEquals(eventsOf(assertSameWhereverCut(file, { max_carry_bytes: 500 })), [{
    ts: "2014-02-02T17:16:52.000Z",
    number: "+452",
    type: "sms",
    direction: "inbound",
    status: "received",
    duration: null,
    content: "Hi 😀\nbye",
    contact_name: null,
    source_id: "ab12@mms",
    metadata: {
      mms: true,
      attachments: ["image/jpeg"],
      participants: ["+451", "+452", "+453"],
      subject: "Trip",
      sim: "2",
    },
  }]);
});

Deno.test("a sent MMS is to its first recipient, one without addresses to its own address", () => {
  const recipients =
    `<addr address="+450" type="137"/><addr address="+457" type="151"/><addr address="+458" type="130"/>`;
  const [sent] = eventsOf(
    parseWhole(mms(`msg_box="2" address="+457" contact_name="Ann" m_id="null"`, recipients)),
  );
  assertEquals([sent?.number, sent?.direction, sent?.status], ["+457", "outbound", "sent"]);
  assertEquals([sent?.contact_name, sent?.source_id], ["Ann", undefined]);
  assertEquals(sent?.metadata, { mms: true, attachments: ["image/jpeg"] });
  const [bare] = eventsOf(parseWhole(mms(`msg_box="1" address="+459"`, "", "")));
  assertEquals([bare?.number, bare?.content, bare?.metadata], ["+459", null, { mms: true }]);
  const own = `<addr address="insert-address-token" type="137"/>`;
  assertEquals(eventsOf(parseWhole(mms(`msg_box="1" address="+459"`, own, "")))[0]?.number, "+459");
  const [hidden] = eventsOf(parseWhole(mms(`msg_box="1" address=""`, "", "")));
  assertEquals(hidden?.number, null);
});

Deno.test("an MMS that is a draft, without a number or of an unknown box is refused", () => {
  const read = (attributes: string) => codesOf(parseWhole(mms(attributes, "", "")));
  assertEquals(read(`msg_box="3" address="1"`), ["draft_skipped"]);
  assertEquals(read(`msg_box="1"`), ["number_missing"]);
  assertEquals(read(`msg_box="8" address="1"`), ["sms_type_unknown"]);
  assertEquals(codesOf(parseWhole(`<smses><mms/></smses>`)), ["record_malformed"]);
});

Deno.test("the base64 of an attachment is dropped while it is read, however many parts it fills", () => {
  const opening = `<smses count="2"><mms date="1391361412000" msg_box="1" address="+45"><parts>
<part ct="text/plain" text="look"/><part ct="video/mp4" data="`;
  const ending = `" /></parts></mms><sms address="1" date="1391361412000" type="1" body="x"/></smses>`;
  const base64 = utf8("QUJD".repeat(16_384));
  let state = openParser({ time_zone: ZONE, max_carry_bytes: 4096 });
  const records = [];
  for (const part of [utf8(opening), ...Array(40).fill(base64), utf8(ending)]) {
    const result = parsePart(state, part, part.at(-1) === ">".charCodeAt(0));
    records.push(...result.records);
    state = JSON.parse(JSON.stringify(result.state)) as ParserState;
    assert(JSON.stringify(state).length < 2000, "the state stays small");
  }
  assertEquals(state.fault, null);
  assertEquals(records.map(({ position }) => position), [
    "byte 17",
    `byte ${opening.length + 40 * base64.length + ending.indexOf("<sms ")}`,
  ]);
  const [first] = records;
  assertEquals(first?.kind === "event" && first.event.content, "look");
});

Deno.test("many texts in one MMS do not make the state grow without end", () => {
  const parts = `<part ct="text/plain" text="${"x".repeat(100)}"/>`.repeat(20);
  const { fault } = parseWhole(mms(`msg_box="1" address="1"`, "", `<parts>${parts}</parts>`), {
    max_carry_bytes: 3000,
  });
  assertEquals(fault?.code, "record_too_large");
});
