import { assert, assertEquals, assertThrows } from "@std/assert";
import { type ImportKind, openParser, parsePart, type ParserState } from "./parser.ts";
import { assertSameWhereverCut, parseCut, parseWhole, summary, utf16, utf8, ZONE } from "./testing.ts";

const XML = `<calls count="1"><call number="1" date="1391361412000" type="1" duration="5"/></calls>`;
const CSV = "Date,Number,Direction\n2014-02-02 17:17,1,in\n";
const NDJSON = `{"ts":"2014-02-02T16:17:46Z","number":"1","type":"call","direction":"inbound"}\n`;
const VCARD = "BEGIN:VCARD\nFN:Ann\nTEL:1\nEND:VCARD\n";
const FILES: [ImportKind, string][] = [
  ["sms_backup_xml", XML],
  ["csv", CSV],
  ["ndjson", NDJSON],
  ["vcard", VCARD],
];

Deno.test("the kind is told from the content, behind blanks and byte-order marks too", () => {
  for (const [kind, file] of FILES) {
    for (const start of ["", "\n \n", "\ufeff", "\ufeff\r\n"]) {
      const result = assertSameWhereverCut(start + file, { head_bytes: 60 });
      assertEquals([result.state.kind, result.records.length, result.fault], [kind, 1, undefined], kind);
    }
  }
  assertEquals(parseWhole(VCARD.toLowerCase()).state.kind, "vcard");
});

Deno.test("a wanted kind is believed where it fits and a mismatch where it is plainly another", () => {
  for (const [kind, file] of FILES) {
    for (const [wanted] of FILES) {
      const { fault } = assertSameWhereverCut(file, { kind: wanted });
      assertEquals(fault?.code, wanted === kind ? undefined : "kind_mismatch", `${kind} as ${wanted}`);
    }
  }
});

Deno.test("what is none of the kinds is said to be unknown", () => {
  const files: [Uint8Array, string][] = [
    [new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0]), "The file is a zip archive"],
    [new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), "The file is a gzip archive"],
    [utf8("%PDF-1.7\n%âãÏÓ\n"), "The file is a PDF document"],
    [utf8("SQLite format 3\u0000"), "The file is a SQLite database"],
    [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), "The file is a picture"],
    [Uint8Array.from({ length: 200 }, (_, index) => (index * 7) % 32), "The file is not text"],
    [utf8("Dear Ann,\nthis is a letter.\nNothing else, really, at all."), "The file is neither"],
    [utf8("2014\n2015\n2016\n"), "The file is neither"],
    [utf8(`[{"ts":1}]\n`), "The file is one JSON array"],
    [utf8(`{\n  "events": [\n    {}\n  ]\n}\n`), "The file is one JSON document"],
  ];
  for (const [bytes, detail] of files) {
    const { fault, records, state } = assertSameWhereverCut(bytes);
    assertEquals([fault?.code, fault?.position, records], ["kind_unknown", "byte 0", []], detail);
    assertEquals(fault?.detail.slice(0, detail.length), detail);
    assertEquals(state.kind, null);
  }
});

Deno.test("a file without text is empty", () => {
  for (const file of ["", "\ufeff", " \n\t\r\n", utf16("\ufeff")]) {
    assertEquals(assertSameWhereverCut(file).fault?.code, "file_empty");
  }
  assertEquals(parseWhole("", { kind: "csv" }).fault?.code, "file_empty");
});

Deno.test("files without records are no fault", () => {
  for (
    const file of [
      `<calls count="0"></calls>`,
      `<smses />`,
      "Date,Number,Direction\n",
      "Date,Number,Direction",
    ]
  ) {
    const { fault, records } = assertSameWhereverCut(file);
    assertEquals([fault, records], [undefined, []], file);
  }
});

Deno.test("a part does not change the state it is given, so it can be read again", () => {
  const bytes = utf8(XML + " ");
  const first = parsePart(openParser({ time_zone: ZONE }), bytes.subarray(0, 40), false).state;
  const before = JSON.stringify(first);
  const once = parsePart(first, bytes.subarray(40), true);
  assertEquals(summary(parsePart(first, bytes.subarray(40), true)), summary(once));
  assertEquals(JSON.stringify(first), before);
});

Deno.test("the end may come as an empty part, and nothing comes after it or after a fault", () => {
  for (const [, file] of FILES) {
    const bytes = utf8(file);
    const result = parseCut(bytes, [bytes.length]);
    assertEquals([result.records.length, result.fault, result.state.is_done], [1, undefined, true]);
    const again = parsePart(result.state, bytes, true);
    assertEquals([again.records, again.state], [[], result.state]);
  }
  const faulty = parsePart(openParser({ time_zone: ZONE }), utf8("<html><body>"), false);
  const after = parsePart(faulty.state, utf8(XML), true);
  assertEquals([after.fault, after.records], [faulty.fault, []]);
  assertEquals(after.fault?.code, "xml_not_a_backup");
});

Deno.test("the state is JSON that Postgres can store, whatever was cut", () => {
  const files = [
    `<smses count="1"><sms address="1" date="1391361412000" type="1" body="a\u0000b \ud83d\ude00 c`,
    `${CSV}2014-02-02 17:17,1,"\u0000\ud83d\ude00`,
    `${NDJSON}{"content":"\u0000\ud83d\ude00`,
    `BEGIN:VCARD\nFN:\u0000\ud83d\ude00\nTEL:1`,
  ];
  for (const file of files) {
    for (const bytes of [utf8(file), utf16(`\ufeff${file}`)]) {
      for (let cut = 0; cut <= bytes.length; cut++) {
        const { state } = parsePart(
          openParser({ time_zone: ZONE, head_bytes: 40 }),
          bytes.subarray(0, cut),
          false,
        );
        const json = JSON.stringify(state);
        assert(!/\\u0000|\\ud[89a-f]/i.test(json), json);
        assertEquals(JSON.parse(json) as ParserState, state);
      }
    }
  }
});

Deno.test("an unknown zone is the caller's mistake", () => {
  assertThrows(() => openParser({ time_zone: "Mars/Base" }), RangeError);
});
