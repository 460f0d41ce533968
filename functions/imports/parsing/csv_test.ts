import { assert, assertEquals } from "@std/assert";
import type { EventInput } from "./parser.ts";
import { assertSameWhereverCut, codesOf, eventsOf, parseWhole, refusalsOf, utf16, utf8 } from "./testing.ts";

const SMALL = { head_bytes: 100 };

function brief({ ts, number, type, direction, status, duration }: EventInput): string {
  return [ts.slice(0, 19), number, type, direction, status, duration].join(" ");
}

/** The events of a table as short lines, the same wherever the file is cut. */
function briefs(file: string | Uint8Array, options = {}): string[] {
  return eventsOf(assertSameWhereverCut(file, options)).map(brief);
}

Deno.test("rows become events with their physical lines", () => {
  const file = `Date,Time,Number,Name,Type,Duration,Message
2014-02-02,17:17:46,+4520000001,Ann,Incoming,65,
2014-02-02,17:18:00,+4520000002,,Outgoing SMS,,"Hi, ""you""
two"
2014-02-02,17:19:00,,"(Unknown)",Missed,0,
`;
  const { records, state } = assertSameWhereverCut(file, SMALL);
  assertEquals(records, [
    {
      kind: "event",
      position: "line 2",
      event: {
        ts: "2014-02-02T16:17:46.000Z",
        number: "+4520000001",
        type: "call",
        direction: "inbound",
        status: "answered",
        duration: 65,
        content: null,
        contact_name: "Ann",
      },
    },
    {
      kind: "event",
      position: "line 3",
      event: {
        ts: "2014-02-02T16:18:00.000Z",
        number: "+4520000002",
        type: "sms",
        direction: "outbound",
        status: "sent",
        duration: null,
        content: `Hi, "you"\ntwo`,
        contact_name: null,
      },
    },
    {
      kind: "event",
      position: "line 5",
      event: {
        ts: "2014-02-02T16:19:00.000Z",
        number: null,
        type: "call",
        direction: "inbound",
        status: "missed",
        duration: 0,
        content: null,
        contact_name: null,
      },
    },
  ]);
  assertEquals([state.kind, state.declared, state.records_read], ["csv", null, 3]);
});

Deno.test("the delimiter is found, with every line break and byte-order mark", () => {
  const table = [["Date", "Number", "Direction"], ["2014-02-02 17:17:46", "1", "in"], [
    "2014-02-02 17:18:46",
    "2",
    "out",
  ]];
  const expected = ["2014-02-02T16:17:46 1 call inbound  ", "2014-02-02T16:18:46 2 call outbound  "];
  for (const delimiter of [",", ";", "\t", "|"]) {
    for (const newline of ["\n", "\r\n", "\r"]) {
      const text = table.map((row) => row.join(delimiter)).join(newline);
      assertEquals(briefs(text, { head_bytes: 60 }), expected, JSON.stringify([delimiter, newline]));
      assertEquals(eventsOf(parseWhole(`\ufeff${text}${newline}`)).map(brief), expected);
    }
  }
});

Deno.test("tables in UTF-16 and in windows-1252 are read, by mark or by their bytes", () => {
  const text =
    `Datum;Rufnummer;Art;Name\r\n02.02.2014 17:17;1;Eingehend;Jos\u00e9\r\n02.02.2014 17:18;2;Verpasst;Zo\u00eb\r\n`;
  const latin = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const files: [Uint8Array, string][] = [
    [utf16(`\ufeff${text}`), "utf-16le"],
    [utf16(`\ufeff${text}`, false), "utf-16be"],
    [utf16(text), "utf-16le"],
    [utf8(text), "utf-8"],
    [latin, "windows-1252"],
  ];
  for (const [bytes, encoding] of files) {
    const result = assertSameWhereverCut(bytes, SMALL);
    assertEquals(result.state.encoding, encoding);
    assertEquals(eventsOf(result).map(({ contact_name: name }) => name), ["José", "Zoë"]);
  }
  const late = assertSameWhereverCut(latin, { head_bytes: 40 });
  assertEquals(
    [late.state.encoding, late.records.length],
    ["windows-1252", 2],
    "first accent behind the head",
  );
  assertEquals(eventsOf(assertSameWhereverCut(latin.subarray(0, -2), SMALL)).length, 2);
  const end = utf8("Date;Number;Type;Name\n2014-02-02 17:17;1;in;Zo");
  assertEquals(eventsOf(assertSameWhereverCut(new Uint8Array([...end, 0xeb])))[0]?.contact_name, "Zoë");
});

Deno.test("UTF-8 that breaks after other accents is a fault at its byte", () => {
  const start = utf8("Date;Number;Type;Name\n2014-02-02 17:17;1;in;José\n2014-02-02 17:18;2;in;Zo");
  const { fault, records } = assertSameWhereverCut(new Uint8Array([...start, 0xeb, 0x0a]), SMALL);
  assertEquals([fault?.code, fault?.position, records.length], [
    "encoding_invalid",
    `byte ${start.length}`,
    1,
  ]);
});

Deno.test("the header may stand behind a separator line, comments, blanks and a title", () => {
  const table = "Number|Date|Direction\n1|2014-02-02 17:17:46|in\n";
  const expected = ["2014-02-02T16:17:46 1 call inbound  "];
  assertEquals(briefs(`sep=|\n${table}`), expected);
  assertEquals(briefs(`sep=^\n${table.replaceAll("|", "^")}`), expected, "one that would not be tried");
  assertEquals(briefs(`"sep=|"\r\n\n${table}`), expected);
  assertEquals(briefs(`# made by x | 2014\n#\n\n${table}`), expected);
  assertEquals(briefs(`Calls of | Ann\n\n${table}`), expected);
  assertEquals(parseWhole(`sep=|\n\n${table}`).records[0]?.position, "line 4");
  assertEquals(
    briefs(`${table}\n  |  |\n${table}`),
    [...expected, ...expected],
    "blank rows and repeated headers",
  );
  const joined = assertSameWhereverCut(`${table}\ufeff${table}`, { head_bytes: 40 });
  assertEquals(joined.records.map(({ position }) => position), ["line 2", "line 4"]);
});

Deno.test("headers are known in seven languages and any order", () => {
  const rows: [header: string, row: string][] = [
    ["Phone Number,Call Type,Date & Time,Call Duration,Contact Name", "1,Incoming,2014-02-02 17:17,1:30,Ann"],
    ["Name;Rufnummer;Datum;Uhrzeit;Dauer;Anrufart", "Ann;1;02.02.2014;17:17;00:01:30;Eingehend"],
    ["Date;Heure;Numéro de téléphone;Type d'appel;Durée (s);Nom", "02/02/2014;17:17;1;Appel entrant;90;Ann"],
    ["Fecha;Hora;Número;Tipo;Duración;Nombre", "02/02/2014;17:17;1;Llamada entrante;1m 30s;Ann"],
    ["Data;Ora;Numero;Tipo;Durata;Nome", "02/02/2014;17:17;1;In entrata;90;Ann"],
    ["Data;Hora;Telefone;Direção;Duração;Contato", "02/02/2014;17:17;1;Recebida;90 seg;Ann"],
    ["Datum;Tijd;Telefoonnummer;Richting;Duur;Naam", "02-02-2014;17:17;1;Inkomend;1:30;Ann"],
  ];
  for (const [header, row] of rows) {
    const [event] = eventsOf(parseWhole(`${header}\n${row}\n`));
    assertEquals(event && brief(event), "2014-02-02T16:17:00 1 call inbound answered 90", header);
    assertEquals(event?.contact_name, "Ann", header);
  }
});

Deno.test("each row is judged by its own style of date, clock changes included", () => {
  const file = `Date;Number;Direction
2014-03-30 01:59:59;1;in
30.3.2014 03:00;1;in
03/30/2014 3:01 AM;1;in
"Mar 30, 2014 3:02:00 AM";1;in
1396141380;1;in
2014-03-30T01:04:00Z;1;in
2014-10-26 02:30;1;in
31.10.2014 24:01;1;in
yesterday;1;in
2014-02-02;1;in
;1;in
`;
  const result = assertSameWhereverCut(file);
  const seen = result.records.map((record) =>
    record.kind === "event"
      ? record.event.ts
      : record.kind === "refused"
      ? `${record.code} ${record.position}`
      : ""
  );
  assertEquals(seen, [
    "2014-03-30T00:59:59.000Z",
    "2014-03-30T01:00:00.000Z",
    "2014-03-30T01:01:00.000Z",
    "2014-03-30T01:02:00.000Z",
    "2014-03-30T01:03:00.000Z",
    "2014-03-30T01:04:00.000Z",
    "2014-10-26T00:30:00.000Z",
    "ts_invalid line 9",
    "ts_invalid line 10",
    "ts_invalid line 11",
    "ts_missing line 12",
  ]);
});

Deno.test("the order of day and month is told by the head and kept for the parts after it", () => {
  const head = "Date,Number,Direction\n02/13/2014 10:00,1,in\n";
  const file = head + "02/03/2014 10:00,1,in\n".repeat(5) + "13/02/2014 10:00,1,in\n";
  const result = assertSameWhereverCut(file, { head_bytes: head.length });
  assertEquals(result.records.slice(1, 6).map((record) => record.kind === "event" && record.event.ts), [
    ...Array(5).fill("2014-02-03T09:00:00.000Z"),
  ]);
  assertEquals(refusalsOf(result).map(({ code, position }) => `${code} ${position}`), ["ts_invalid line 8"]);
  const ambiguous = "Date,Number,Direction\n02/03/2014 4:17 PM,1,in\n";
  assertEquals(eventsOf(parseWhole(ambiguous))[0]?.ts, "2014-02-03T15:17:00.000Z");
  assertEquals(eventsOf(parseWhole(ambiguous, { date_order: "dmy" }))[0]?.ts, "2014-03-02T15:17:00.000Z");
});

Deno.test("a header that says UTC beats the caller's zone", () => {
  const file = "Date (UTC),Number,Direction\n2014-02-02 16:17:46,1,in\n";
  assertEquals(eventsOf(parseWhole(file))[0]?.ts, "2014-02-02T16:17:46.000Z");
});

Deno.test("without a type a text is a message and all else a call", () => {
  const file = `Date,Number,Direction,Duration,Text
2014-02-02 17:17,1,in,,hello
2014-02-02 17:18,1,out,30,
2014-02-02 17:19,1,out,0,
2014-02-02 17:20,1,in,0,
`;
  assertEquals(briefs(file, SMALL), [
    "2014-02-02T16:17:00 1 sms inbound received ",
    "2014-02-02T16:18:00 1 call outbound answered 30",
    "2014-02-02T16:19:00 1 call outbound  0",
    "2014-02-02T16:20:00 1 call inbound  0",
  ]);
});

Deno.test("numbers in the type column are Android's codes", () => {
  const calls =
    "number,date,duration,type\n1,1391357866000,5,1\n1,1391357866000,0,2\n1,1391357866000,0,5\n1,1391357866000,0,9\n";
  assertEquals(parseWhole(calls).records.map((record) => record.kind === "event" && record.event.status), [
    "answered",
    null,
    "declined",
    false,
  ]);
  const texts = "address,date,type,body\n1,1391357866000,1,a\n1,1391357866000,2,b\n1,1391357866000,3,c\n";
  assertEquals(codesOf(parseWhole(texts)), ["event", "event", "draft_skipped"]);
});

Deno.test("of from and to the other side's is the number", () => {
  const file = `Date,From,To,Direction\n2014-02-02 17:17,+451,+459,in\n2014-02-02 17:18,+459,+452,out\n`;
  assertEquals(eventsOf(parseWhole(file)).map(({ number }) => number), ["+451", "+452"]);
  const nobody =
    `Date,From,To,Type\n2014-02-02 17:17,+451,me,SMS\n2014-02-02 17:18,,+452,Call\n2014-02-02 17:18,1,2,Call\n`;
  const result = parseWhole(nobody);
  assertEquals(codesOf(result), ["event", "event", "direction_invalid"]);
  assertEquals(result.records.map((record) => record.kind === "event" && record.event.number), [
    "+451",
    "+452",
    false,
  ]);
});

Deno.test("rows that cannot be an event are refused one by one", () => {
  const file = `Date,Number,Type,Duration,Name
2014-02-02 17:17,4.47701E+11,Incoming,5,x
2014-02-02 17:17,1,Data,5,x
2014-02-02 17:17,1,Call,5,x
2014-02-02 17:17,1,Incoming,soon,x
2014-02-02 17:17
2014-02-02 17:17,1,Incoming,5,x,y,z
2014-02-02 17:17,="+4520",Incoming,5,x,,
`;
  const result = assertSameWhereverCut(file, SMALL);
  assertEquals(codesOf(result), [
    "number_mangled",
    "type_invalid",
    "direction_invalid",
    "duration_invalid",
    "direction_invalid",
    "record_malformed",
    "event",
  ]);
});

Deno.test("delimiters in an unquoted text of the last column stay in the text", () => {
  const file = "Date,Number,Direction,Message\n2014-02-02 17:17,1,in,well, yes, no\n";
  assertEquals(eventsOf(parseWhole(file))[0]?.content, "well, yes, no");
});

Deno.test("control characters in a text are dropped and the row kept", () => {
  const file = "Date,Number,Direction,Message,Name\n2014-02-02 17:17,1,in,a\u0000b\u000bc,D\u0001\n";
  const [event] = eventsOf(assertSameWhereverCut(file, SMALL));
  assertEquals([event?.content, event?.contact_name], ["abc", "D"]);
});

Deno.test("a duration's unit is taken from the header", () => {
  const read = (header: string, text: string) =>
    eventsOf(parseWhole(`Date,Number,Direction,${header}\n2014-02-02 17:17,1,in,${text}\n`))[0]?.duration;
  assertEquals(read("Duration (min)", "2"), 120);
  assertEquals(read("duration_ms", "2000"), 2);
  assertEquals(read("Duration (hh:mm)", "1:30"), 5400);
  assertEquals(read("Duration (hh:mm:ss)", "1:30"), 90);
  assertEquals(read("Duration (mm:ss)", "1:30"), 90);
});

Deno.test("a table cut off in the middle keeps its whole rows", () => {
  const table = `Date,Number,Direction,Message\n2014-02-02 17:17,1,in,a\n`;
  const cut = assertSameWhereverCut(`${table}2014-02-02 17:18,2`, SMALL);
  assertEquals([codesOf(cut), cut.fault?.code, cut.fault?.position], [["event"], "file_truncated", "line 3"]);
  const open = assertSameWhereverCut(`${table}2014-02-02 17:18,2,in,"so\nlong`, SMALL);
  assertEquals([codesOf(open), open.fault?.code, open.fault?.position], [
    ["event"],
    "file_truncated",
    "line 3",
  ]);
  const whole = assertSameWhereverCut(`${table}2014-02-02 17:18,2,in,"so"`, SMALL);
  assertEquals([codesOf(whole), whole.fault], [["event", "event"], undefined]);
  const short = assertSameWhereverCut(`${table}2014-02-02 17:18,2,in\n2014-02-02 17:18,2,in`, SMALL);
  assertEquals(
    [codesOf(short), short.fault],
    [["event", "event", "event"], undefined],
    "written short, not cut",
  );
});

Deno.test("a row larger than the limit ends the file at its line", () => {
  const table = `Date,Number,Direction,Message\n2014-02-02 17:17,1,in,a\n2014-02-02 17:18,1,in,"\n${
    "x".repeat(100)
  }"\n`;
  const { fault, records } = assertSameWhereverCut(table, { max_carry_bytes: 90, head_bytes: 60 });
  assertEquals([fault?.code, fault?.position, records.length], ["record_too_large", "line 3", 1]);
});

Deno.test("no fault and no refusal tells message text", () => {
  const file = `Date,Number,Direction,Message\n2014-02-02 17:17,1,sideways,secret\nsoon,1,in,secret\n`;
  const result = parseWhole(file);
  assertEquals(codesOf(result), ["direction_invalid", "ts_invalid"]);
  assert(!JSON.stringify(result).includes("secret"));
});

Deno.test("nothing is merged: not one call seen by two phones, not one number under two names", () => {
  const file = `Date,Number,Name,Direction,Duration
2014-02-02 17:17:00,+451,Ann,in,60
2014-02-02 17:17:45,+451,Ann,in,60
2014-02-02 17:17:45,+451,Ann Work,in,60
2014-02-02 17:17:45,+452,Ann,in,60
`;
  const events = eventsOf(parseWhole(file));
  assertEquals(events.map(({ number, contact_name: name }) => `${number} ${name}`), [
    "+451 Ann",
    "+451 Ann",
    "+451 Ann Work",
    "+452 Ann",
  ]);
});
