import { assert, assertEquals } from "@std/assert";
import { type CardInput, openParser, parsePart, type ParserState } from "./parser.ts";
import { assertSameWhereverCut, codesOf, parseWhole, utf16, utf8, ZONE } from "./testing.ts";

/** The cards of a file, the same wherever it is cut. */
function cardsOf(file: string | Uint8Array, options = {}): CardInput[] {
  const { records, fault } = assertSameWhereverCut(file, options);
  assertEquals(fault, undefined);
  return records.flatMap((record) => (record.kind === "card" ? [record.card] : []));
}

function vcard(...lines: string[]): string {
  return ["BEGIN:VCARD", ...lines, "END:VCARD", ""].join("\r\n");
}

Deno.test("cards of version 3.0 give name, numbers, company and id with their places", () => {
  const first = vcard(
    "VERSION:3.0",
    "N:Doe;Jane;;Dr.;",
    "FN:Dr. Jane Doe",
    "ORG:Doe\\, Inc.;Sales",
    "TEL;TYPE=CELL,VOICE:+45 20 00 00 01",
    "item1.TEL;type=pref:020 7946 0002",
    "TEL;TYPE=WORK:+45 20 00 00 01",
    "UID:abc-1",
  );
  const second = vcard("VERSION:3.0", "FN:Bo", "TEL:1");
  const result = assertSameWhereverCut(`${first}\r\n${second}`);
  assertEquals(result.records, [
    {
      kind: "card",
      position: "byte 0",
      card: {
        name: "Dr. Jane Doe",
        numbers: ["+45 20 00 00 01", "020 7946 0002"],
        company: "Doe, Inc.",
        source_uid: "abc-1",
      },
    },
    { kind: "card", position: `byte ${first.length + 2}`, card: { name: "Bo", numbers: ["1"] } },
  ]);
  assertEquals([result.state.kind, result.state.records_read], ["vcard", 2]);
});

Deno.test("version 2.1 is read: quoted-printable with charsets and soft breaks, bare parameters", () => {
  const cards = cardsOf(
    vcard(
      "VERSION:2.1",
      "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen=20=",
      "Karl;;;",
      "TEL;CELL;PREF:+491",
      "NOTE;ENCODING=QUOTED-PRINTABLE:call=0D=0A=",
      "TEL:666",
      "LABEL;QUOTED-PRINTABLE:a=\r\n\tTEL:667",
      "X-IRMC;ENCODING=8BIT:=",
      "TEL;HOME:+492",
    ) + vcard("version:2.1", "fn;charset=iso-8859-1;quoted-printable:J=F8rgen", "tel:+493") +
      vcard("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE:Zo=EB", "TEL:+494") +
      vcard("VERSION:2.1", "FN;ENCODING=QUOTED-PRINTABLE:a=3Db=3 c", "TEL:+495"),
  );
  assertEquals(
    cards.map(({ name }) => name),
    ["Jürgen Karl Müller", "Jørgen", "Zoë", "a=b=3 c"],
  );
  assertEquals(cards.map(({ numbers }) => numbers), [["+491", "+492"], ["+493"], ["+494"], ["+495"]]);
});

Deno.test("version 4.0 is read: tel URIs, quoted parameters, escapes", () => {
  const [card] = cardsOf(vcard(
    "VERSION:4.0",
    'FN;ALTID="a:b":Ann\\, Bo \\\\ C\\nD\\;',
    'TEL;VALUE=uri;TYPE="voice,home":tel:+1-418-656-9254;ext=102',
    "TEL;VALUE=uri:tel:863-1234;phone-context=+1-914-555",
    "TEL;VALUE=text:112",
    "UID:urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
  ));
  assertEquals(card, {
    name: "Ann, Bo \\ C\nD;",
    numbers: ["+1-418-656-9254", "+1-914-555863-1234", "112"],
    source_uid: "urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1",
  });
});

Deno.test("folded lines are put together, wherever the fold is", () => {
  const [card] = cardsOf(
    "BEGIN:VCARD\nVERSION:3.0\nFN:Jane\n  Do\n\te\nTEL;TYPE=\n CELL:+45\n 12\nEND:VCARD\n",
  );
  assertEquals(card, { name: "Jane Doe", numbers: ["+4512"] });
});

Deno.test("a card without FN is named by N, nickname, company or number", () => {
  const names = cardsOf([
    vcard("N:Doe;Jane;Q.;Dr.;Jr.", "TEL:1"),
    vcard("FN:", "N:;;;;", "NICKNAME:Jay", "TEL:1"),
    vcard("N:a\\;b;c", "TEL:1"),
    vcard("ORG:Doe Inc", "TEL:1"),
    vcard("TEL:+45 1"),
  ].join("")).map(({ name }) => name);
  assertEquals(names, ["Dr. Jane Q. Doe Jr.", "Jay", "c a;b", "Doe Inc", "+45 1"]);
});

Deno.test("a card without a number is refused, an unfinished one too, and the rest kept", () => {
  const file = `${vcard("FN:Ann", "EMAIL:a@b.c")}BEGIN:VCARD\nFN:Bo\nTEL:1\n${
    vcard("FN:Cy", "TEL:2")
  }stray\nlines\n`;
  const result = assertSameWhereverCut(file);
  assertEquals(codesOf(result), ["card_without_number", "record_malformed", "card", "record_malformed"]);
  assertEquals(result.records[3]?.position, `byte ${file.indexOf("stray")}`);
});

Deno.test("a card inside a card, as agent, is not a card", () => {
  const file = vcard(
    "VERSION:2.1",
    "FN:Ann",
    "AGENT:",
    "BEGIN:VCARD",
    "FN:Bo",
    "TEL:2",
    "END:VCARD",
    "TEL:1",
  );
  assertEquals(cardsOf(file), [{ name: "Ann", numbers: ["1"] }]);
});

Deno.test("a file cut off in a card keeps the cards before it", () => {
  const first = vcard("FN:Ann", "TEL:1");
  const { records, fault } = assertSameWhereverCut(`${first}BEGIN:VCARD\r\nFN:B`);
  assertEquals([records.length, fault?.code, fault?.position], [1, "file_truncated", `byte ${first.length}`]);
  assertEquals(
    cardsOf(first.trimEnd()),
    [{ name: "Ann", numbers: ["1"] }],
    "the last line needs no line break",
  );
});

Deno.test("other encodings are read as well", () => {
  const text = vcard("FN:Zo\u00eb", "TEL:1");
  for (
    const bytes of [
      utf8(`\ufeff${text}`),
      utf16(`\ufeff${text}`),
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
    ]
  ) {
    assertEquals(cardsOf(bytes), [{ name: "Zoë", numbers: ["1"] }]);
  }
});

Deno.test("a picture is dropped while it is read, in one line or folded, however many parts it fills", () => {
  const opening = utf8("BEGIN:VCARD\r\nFN:Ann\r\nPHOTO;ENCODING=b:");
  const note = utf8(`=\r\nTEL:1\r\nNOTE;ENCODING=QUOTED-PRINTABLE:${"x".repeat(3000)}=`);
  const ending = utf8("\r\nTEL:2\r\nEND:VCARD\r\n");
  for (const line of ["A".repeat(65_536), `${"A".repeat(72)}\r\n `.repeat(900)]) {
    let state = openParser({ time_zone: ZONE, max_carry_bytes: 2000 });
    const parts = [opening, ...Array(20).fill(utf8(line)), note, ending];
    for (const [index, part] of parts.entries()) {
      const result = parsePart(state, part, index === parts.length - 1);
      state = JSON.parse(JSON.stringify(result.state)) as ParserState;
      assert(JSON.stringify(state).length < 4000, "the state stays small");
      if (index < parts.length - 1) continue;
      assertEquals(result.records, [{
        kind: "card",
        position: "byte 0",
        card: { name: "Ann", numbers: ["1"] },
      }]);
    }
  }
});

Deno.test("a line or a card larger than the limit ends the file", () => {
  const long = parseWhole(vcard(`FN:${"x".repeat(300)}`, "TEL:1"), { max_carry_bytes: 200 });
  assertEquals([long.fault?.code, long.fault?.position], ["record_too_large", "byte 0"]);
  const many = parseWhole(vcard("FN:Ann", ...Array.from({ length: 1002 }, (_, index) => `TEL:${index}`)));
  assertEquals(many.fault?.code, "record_too_large");
});
