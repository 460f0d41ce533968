import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseCut, parseWhole, summary, utf16, utf8 } from "./testing.ts";

/** Text with everything that has ever upset a parser. */
const text = fc.array(
  fc.constantFrom(
    "a",
    "é",
    "😀",
    " ",
    "\n",
    "\r\n",
    "&#55357;&#56832;",
    "&#10;",
    "&#0;",
    "\u000b",
    "~",
    '"',
    "=",
    ";",
    ",",
    "x".repeat(50),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

const xmlRecord = fc.record({ body: text, type: fc.constantFrom("1", "2", "3", "x"), isMms: fc.boolean() })
  .map(({ body, type, isMms }) => {
    const date = `date="1391361412000"`;
    if (!isMms) return `<sms address="1" ${date} type='${type}' body="${body}"/>\n`;
    return `<mms ${date} msg_box="${type}" address="1~2"><parts><part ct="text/plain" text="${body}"/>` +
      `<part data="${"QUJD".repeat(30)}" ct="image/png"/></parts><!-- ${body} --></mms>`;
  });
const xml = fc.array(xmlRecord, { maxLength: 8 }).map((records) =>
  `<smses count="5">${records.join("")}</smses>`
);

const csvRow = fc.tuple(text, fc.constantFrom("in", "Verpasst", "?"), fc.boolean()).map((
  [body, direction, isQuoted],
) => `02/03/2014 10:00;1;${direction};${isQuoted ? `"${body}""${body}"` : body.replace(/[;\r\n]/g, "")};Zoë`);
const csv = fc.tuple(fc.array(csvRow, { maxLength: 8 }), fc.constantFrom("\n", "\r\n")).map((
  [rows, newline],
) => ["Date;Number;Direction;Text;Name", ...rows].join(newline));

const ndjson = fc.array(fc.tuple(text, fc.boolean()), { maxLength: 8 }).map((lines) =>
  lines.map(([body, isGood]) => (isGood ? `{"ts":1,"content":${JSON.stringify(body)}}` : `{${body}`)).join(
    "\n",
  )
);

const vcard = fc.array(fc.tuple(text, text), { maxLength: 6 }).map((cards) =>
  cards.map(([name, note]) =>
    `BEGIN:VCARD\r\nFN:${name}\r\n  more\r\nNOTE;QUOTED-PRINTABLE:${note}=\r\nTEL:0\r\nTEL:1\r\nEND:VCARD\r\n`
  ).join("")
);

Deno.test("any file cut at any places gives the records it gives in one piece", () => {
  const options = { head_bytes: 40, max_carry_bytes: 900 };
  const encoded = fc.tuple(
    fc.oneof(xml, csv, ndjson, vcard),
    fc.constantFrom(utf8, utf16),
    fc.nat({ max: 80 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(encoded, fc.array(fc.nat(), { maxLength: 8 }), ([file, encode, missing, isCut], places) => {
      const bytes = encode(`\ufeff${file}`);
      const kept = isCut ? bytes.subarray(0, Math.max(0, bytes.length - missing)) : bytes;
      const cuts = places.map((place) => place % (kept.length + 1));
      assertEquals(summary(parseCut(kept, cuts, options)), summary(parseWhole(kept, options)));
    }),
    { numRuns: 400 },
  );
});

Deno.test("any bytes at all end in records or a fault, not in an exception", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 200 }).map(utf8),
  );
  const start = fc.constantFrom(
    "",
    "<calls>",
    "<smses><mms date='1' msg_box='1'>",
    "BEGIN:VCARD\n",
    "{",
    "Date;Number;Type\n",
  );
  fc.assert(
    fc.property(start, bytes, fc.nat(), (head, rest, place) => {
      const file = new Uint8Array([...utf8(head), ...rest]);
      const whole = parseWhole(file, { head_bytes: 30 });
      assertEquals(whole.state.is_done, true);
      assertEquals(summary(parseCut(file, [place % (file.length + 1)], { head_bytes: 30 })), summary(whole));
    }),
    { numRuns: 600 },
  );
});
