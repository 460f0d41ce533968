import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { assertSameWhereverCut, codesOf, eventsOf, parseWhole, refusalsOf, utf16, utf8 } from "./testing.ts";

const CALL = `number="+4520000001" date="1391361412000" type="1" duration="5"`;
const SMS = `address="+4520000001" date="1391361412000" type="1"`;

/** A `<calls>` file of one call with these attributes in place of the usual ones. */
function call(attributes: string): string {
  return `<calls count="1"><call ${attributes} /></calls>`;
}

function sms(attributes: string): string {
  return `<smses count="1"><sms ${attributes} /></smses>`;
}

Deno.test("a call of the backup app becomes an event with its place in the file", () => {
  const file = `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>
<?xml-stylesheet type="text/xsl" href="calls.xsl"?>
<calls count="2" backup_set="x" backup_date="1393714800000">
  <call number="+447700900013" duration="65" date="1391361412000" type="2" presentation="1" readable_date="Feb 2, 2014 6:16:52 PM" contact_name="Åse Ø" subscription_id="1" />
  <call number="+447700900014" duration="0" date="1391361478000" type="3" presentation="1" contact_name="(Unknown)" />
</calls>
`;
  const { records, state, fault } = assertSameWhereverCut(file, { max_carry_bytes: 300 });
  const at = (needle: string) => `byte ${utf8(file.slice(0, file.indexOf(needle))).length}`;
  assertEquals(fault, undefined);
  assertEquals(records, [
    {
      kind: "event",
      position: at(`<call number="+447700900013"`),
      event: {
        ts: "2014-02-02T17:16:52.000Z",
        number: "+447700900013",
        type: "call",
        direction: "outbound",
        status: "answered",
        duration: 65,
        content: null,
        contact_name: "Åse Ø",
        metadata: { sim: "1" },
      },
    },
    {
      kind: "event",
      position: at(`<call number="+447700900014"`),
      event: {
        ts: "2014-02-02T17:17:58.000Z",
        number: "+447700900014",
        type: "call",
        direction: "inbound",
        status: "missed",
        duration: 0,
        content: null,
        contact_name: null,
      },
    },
  ]);
  assertEquals(state.kind, "sms_backup_xml");
  assertEquals(state.declared, 2);
  assertEquals(state.records_read, 2);
  assertEquals(state.backup_date, "2014-03-01T23:00:00.000Z");
  assertEquals(state.first_ts, { call: "2014-02-02T17:16:52.000Z", sms: null });
  assertEquals(state.last_ts, { call: "2014-02-02T17:17:58.000Z", sms: null });
});

Deno.test("each call type has its direction and status, and no duration of 0 makes a call missed", () => {
  const read = (type: number, duration: number) => {
    const [event] = eventsOf(
      parseWhole(call(`number="1" date="1391361412000" type="${type}" duration="${duration}"`)),
    );
    return [event?.direction, event?.status, event?.duration];
  };
  assertEquals([1, 2, 3, 4, 5, 6, 7].map((type) => read(type, 0)), [
    ["inbound", "answered", 0],
    ["outbound", null, 0],
    ["inbound", "missed", 0],
    ["inbound", "voicemail", 0],
    ["inbound", "declined", 0],
    ["inbound", "blocked", 0],
    ["inbound", "answered", 0],
  ]);
  assertEquals(read(2, 9), ["outbound", "answered", 9]);
  assertEquals(codesOf(parseWhole(call(`number="1" date="1391361412000" type="8"`))), ["call_type_unknown"]);
});

Deno.test("each box of an SMS has its direction and status, and drafts are skipped", () => {
  const read = (type: string) => {
    const [record] = parseWhole(sms(`address="1" date="1391361412000" type="${type}" body="x"`)).records;
    if (record?.kind !== "event") return record?.kind === "refused" ? record.code : undefined;
    return `${record.event.direction} ${record.event.status}`;
  };
  assertEquals(["1", "2", "3", "4", "5", "6", "9", ""].map(read), [
    "inbound received",
    "outbound sent",
    "draft_skipped",
    "outbound sent",
    "outbound failed",
    "outbound sent",
    "sms_type_unknown",
    "sms_type_unknown",
  ]);
});

Deno.test("withheld numbers are null, by their words, codes and presentation", () => {
  for (
    const number of [
      "",
      "null",
      "-1",
      "-2",
      "-3",
      "(Unknown)",
      "unknown",
      "Private",
      "RESTRICTED",
      "Anonymous",
      " ",
    ]
  ) {
    const [event] = eventsOf(
      parseWhole(call(`number="${number}" date="1391361412000" type="1" duration="5"`)),
    );
    assertEquals(event?.number, null, number);
  }
  for (const presentation of ["2", "3", "4"]) {
    assertEquals(eventsOf(parseWhole(call(`${CALL} presentation="${presentation}"`)))[0]?.number, null);
  }
  assertEquals(eventsOf(parseWhole(call(`${CALL} presentation="1"`)))[0]?.number, "+4520000001");
  assertEquals(
    eventsOf(parseWhole(sms(`address="INFO-SMS" date="1391361412000" type="1"`)))[0]?.number,
    "INFO-SMS",
  );
  assertEquals(codesOf(parseWhole(call(`date="1391361412000" type="1"`))), ["number_missing"]);
});

Deno.test("words for nothing are no contact name and no text", () => {
  for (const word of ["", "null", "(Unknown)"]) {
    const [event] = eventsOf(parseWhole(sms(`${SMS} body="${word}" contact_name="${word}"`)));
    assertEquals([event?.contact_name, event?.content], [null, null], word);
  }
});

Deno.test("a date is in milliseconds or seconds, else the other dates of the record count", () => {
  const time = (attributes: string) => {
    const [record] = parseWhole(sms(`address="1" type="1" ${attributes}`)).records;
    return record?.kind === "event" ? record.event.ts : record?.kind === "refused" ? record.code : undefined;
  };
  assertEquals(time(`date="1391361412345" date_sent="1391361400"`), "2014-02-02T17:16:52.345Z");
  assertEquals(time(`date="1391361412"`), "2014-02-02T17:16:52.000Z");
  assertEquals(time(`date="today"`), "ts_invalid");
  assertEquals(time(`date="0"`), "ts_invalid");
  assertEquals(time(`date="-1" date_sent="0"`), "ts_invalid");
  assertEquals(time(""), "ts_missing");
  assertEquals(time(`date="today" date_sent="1391361412"`), "2014-02-02T17:16:52.000Z");
  assertEquals(
    time(`date="today" date_sent="0" readable_date="Feb 2, 2014 6:16:52\u202fPM"`),
    "2014-02-02T17:16:52.000Z",
  );
  assertEquals(time(`readable_date="02.02.2014 18:16:52"`), "2014-02-02T17:16:52.000Z");
});

Deno.test("an emoji written as references to two surrogates is that emoji wherever the file is cut", () => {
  const file = sms(`${SMS} body="a &#55357;&#56832; b &#xD83D;&#XDE00; c &#55357;&#xDE00;&#128512;"`);
  const [event] = eventsOf(assertSameWhereverCut(file, { max_carry_bytes: 400 }));
  assertEquals(event?.content, "a 😀 b 😀 c 😀😀");
});

Deno.test("half an emoji becomes the replacement character", () => {
  const file = sms(`${SMS} body="&#55357;|&#56832;|&#55357;&#65;|&#55357;&#55357;&#56832;|&#x110000;"`);
  assertEquals(eventsOf(parseWhole(file))[0]?.content, "\ufffd|\ufffd|\ufffdA|\ufffd😀|\ufffd");
});

Deno.test("control characters in a body are dropped, raw and as references, and the row is kept", () => {
  const file = sms(`${SMS} body="a\u0000b\u000bc&#0;d&#11;e&#x1F;f\u001bg&#xFFFE;h"`);
  assertEquals(eventsOf(assertSameWhereverCut(file, { max_carry_bytes: 300 }))[0]?.content, "abcdefgh");
});

Deno.test("line breaks, entities and quotes in a body come out as they were written", () => {
  const file = sms(`${SMS} body='one&#10;two&#13;&#10;three &lt;b&gt; &amp;lt; &#60;i&#62; "q" > &apos;'`);
  assertEquals(eventsOf(parseWhole(file))[0]?.content, `one\ntwo\r\nthree <b> &lt; <i> "q" > '`);
});

Deno.test("an element without attributes is refused and the rest kept", () => {
  const result = parseWhole(`<smses count="3"><sms/><sms ${SMS} body="x"/><call /></smses>`);
  assertEquals(codesOf(result), ["record_malformed", "event", "record_malformed"]);
  assertEquals(result.fault, undefined);
});

Deno.test("a wrong, absurd or missing count changes nothing", () => {
  for (const [count, declared] of [["7", 7], ["1000000000", 1e9], ["lots", null], ["-1", null], ["", null]]) {
    const result = parseWhole(`<calls count="${count}"><call ${CALL}/></calls>`);
    assertEquals(eventsOf(result).length, 1);
    assertEquals(result.state.declared, declared);
  }
  assertEquals(parseWhole(`<calls></calls>`).state.declared, null);
});

Deno.test("a duration that is none is refused, an unknown one is null", () => {
  const read = (duration: string) => parseWhole(call(`number="1" date="1391361412000" type="1" ${duration}`));
  assertEquals(eventsOf(read(""))[0]?.duration, null);
  assertEquals(eventsOf(read(`duration=""`))[0]?.duration, null);
  assertEquals(eventsOf(read(`duration="-1"`))[0]?.duration, null);
  assertEquals(codesOf(read(`duration="long"`)), ["duration_invalid"]);
});

Deno.test("calls and messages may stand in one file, under one root or in two joined backups", () => {
  const one = `<smses count="2"><call ${CALL}/><sms ${SMS} body="x"/></smses>`;
  const two = `<?xml version="1.0"?><calls count="1"><call ${CALL}/></calls>
<?xml version="1.0"?><smses count="1"><sms ${SMS} body="x"/></smses>`;
  for (const file of [one, two]) {
    const result = assertSameWhereverCut(file, { max_carry_bytes: 200 });
    assertEquals(eventsOf(result).map(({ type }) => type), ["call", "sms"]);
    assertEquals(result.state.declared, 2);
  }
});

Deno.test("comments, instructions, white space and single quotes are all the same to the reader", () => {
  const file = `<!-- <call/> > " ' --><calls\n count='2' ><!-- " --> <?pi > ?>
    <call\tnumber='1'\n date='1391361412000'\r\n type = "1" duration="5"></call><!---->
    <call number="2" date="1391361412000" type="1" duration="5">\n</call   ></calls > <!-- end -->\n`;
  const events = eventsOf(assertSameWhereverCut(file, { max_carry_bytes: 200 }));
  assertEquals(events.map(({ number }) => number), ["1", "2"]);
});

Deno.test("a file in UTF-16 or with a byte-order mark is read the same, positions in bytes", () => {
  const text =
    `<?xml version="1.0" encoding="UTF-16"?><smses count="1"><sms ${SMS} body="Grüße 😀" /></smses>`;
  const index = text.indexOf("<sms ");
  const files: [Uint8Array, string, number][] = [
    [utf8(text), "utf-8", index],
    [utf8(`\ufeff${text}`), "utf-8", 3 + index],
    [utf16(`\ufeff${text}`), "utf-16le", 2 + 2 * index],
    [utf16(`\ufeff${text}`, false), "utf-16be", 2 + 2 * index],
    [utf16(text), "utf-16le", 2 * index],
    [utf16(text, false), "utf-16be", 2 * index],
  ];
  for (const [bytes, encoding, byte] of files) {
    const result = assertSameWhereverCut(bytes, { max_carry_bytes: 300 });
    assertEquals(eventsOf(result)[0]?.content, "Grüße 😀");
    assertEquals(result.state.encoding, encoding);
    assertEquals(result.records[0]?.position, `byte ${byte}`);
  }
});

Deno.test("a declared single-byte encoding is believed", () => {
  const text =
    `<?xml version="1.0" encoding="ISO-8859-1"?><smses count="1"><sms ${SMS} body="Gr\u00fc\u00dfe" /></smses>`;
  const result = assertSameWhereverCut(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  assertEquals(eventsOf(result)[0]?.content, "Grüße");
});

Deno.test("text and unknown elements between records are reported once and cost nothing else", () => {
  const file =
    `<smses count="1"> half="x" /> rest <sms ${SMS} body="x"/><rcs a="1"><part ct="x"/>y</rcs></smses>`;
  const result = assertSameWhereverCut(file, { max_carry_bytes: 200 });
  assertEquals(codesOf(result), ["record_malformed", "event", "element_unknown"]);
  assertEquals(result.records[0]?.position, "byte 18");
  assert(refusalsOf(result).every(({ detail }) => !detail.includes("half")));
});

Deno.test("a refusal quotes no more than 60 characters and no message text", () => {
  const secret = "meet me at the old bridge";
  const result = parseWhole(sms(`address="1" date="${"9".repeat(200)}" type="1" body="${secret}"`));
  const detail = refusalsOf(result)[0]?.detail ?? "";
  assertStringIncludes(detail, "…");
  assert(detail.length < 120);
  assert(!JSON.stringify(result).includes(secret));
});
