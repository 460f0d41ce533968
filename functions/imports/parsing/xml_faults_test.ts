import { assert, assertEquals } from "@std/assert";
import { assertSameWhereverCut, codesOf, parseWhole, utf8 } from "./testing.ts";

const CALL = `<call number="1" date="1391361412000" type="1" duration="5"/>`;

/** The fault of a file and how many records came before it, the same wherever the file is cut. */
function faultOf(file: string | Uint8Array, options = {}): string {
  const { records, fault } = assertSameWhereverCut(file, options);
  return `${fault?.code} at ${fault?.position} after ${records.length}`;
}

Deno.test("a file cut off in the middle keeps its whole records and says how far it was read", () => {
  const file = `<calls count="3">${CALL}${CALL}<call number="2" da`;
  const { fault, state } = parseWhole(file);
  assertEquals(faultOf(file), `file_truncated at byte ${17 + 2 * CALL.length} after 2`);
  assertEquals(fault?.detail, "The file ends before it is complete; 2 of 3 declared records were read");
  assertEquals([state.is_done, state.records_read, state.declared], [true, 2, 3]);
  assertEquals(faultOf(`<calls>${CALL}`), `file_truncated at byte ${7 + CALL.length} after 1`);
  assertEquals(faultOf(`<calls>${CALL}</cal`), `file_truncated at byte ${7 + CALL.length} after 1`);
  assertEquals(faultOf(`<calls>${CALL}<!-- `), `file_truncated at byte ${12 + CALL.length} after 1`);
  assertEquals(faultOf(`<smses><mms date="1"><parts>`), "file_truncated at byte 7 after 0");
});

Deno.test("a file cut inside a character keeps its whole records", () => {
  const file = utf8(`<calls>${CALL}<call contact_name="Å`);
  assertEquals(faultOf(file.subarray(0, -1)), `file_truncated at byte ${file.length - 2} after 1`);
});

Deno.test("broken markup ends the file at its place", () => {
  const at = 7 + CALL.length;
  for (
    const broken of [
      `</sms>`,
      `<call number=1/>`,
      `<call number="1" number="2"/>`,
      `<call number="1"date="2"/>`,
      `<call number="a & b"/>`,
      `<call number="&nbsp;"/>`,
      `<call number="1 />${CALL}`,
      `<call number="1" <call/>`,
      `<!ELEMENT x>`,
      `< call/>`,
      `<1/>`,
    ]
  ) {
    assertEquals(faultOf(`<calls>${CALL}${broken}</calls>`), `xml_malformed at byte ${at} after 1`, broken);
  }
});

Deno.test("what follows the root is malformed unless it is white space or another backup", () => {
  const end = `<calls>${CALL}</calls>`;
  assertEquals(faultOf(`${end}\n\u0000 `), "undefined at undefined after 1");
  assertEquals(faultOf(`${end}\nmore`), `xml_malformed at byte ${end.length + 1} after 1`);
  assertEquals(faultOf(`${end}</calls>`), `xml_malformed at byte ${end.length} after 1`);
  assertEquals(faultOf(`${end}<html/>`), `xml_malformed at byte ${end.length} after 1`);
});

Deno.test("a document type is refused, whatever it declares", () => {
  const bomb =
    `<?xml version="1.0"?><!DOCTYPE calls [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><calls>&b;</calls>`;
  const external = `<!DOCTYPE calls SYSTEM "file:///etc/passwd"><calls/>`;
  assertEquals(faultOf(bomb), "xml_doctype_refused at byte 21 after 0");
  assertEquals(faultOf(external), "xml_doctype_refused at byte 0 after 0");
  assertEquals(
    faultOf(`<calls>${CALL}<!doctype x></calls>`),
    `xml_doctype_refused at byte ${7 + CALL.length} after 1`,
  );
});

Deno.test("XML that is no backup is told from one", () => {
  assertEquals(faultOf(`<!doctype HTML><html lang=en><p>`), "xml_not_a_backup at byte 0 after 0");
  assertEquals(faultOf(`<html lang=en><p>`), "xml_not_a_backup at byte 0 after 0");
  assertEquals(faultOf(`<?xml version="1.0"?>\n<feed/>`), "xml_not_a_backup at byte 22 after 0");
  assertEquals(faultOf(`<?xml version="1.0"?>\n`), "xml_not_a_backup at byte 22 after 0");
});

Deno.test("elements nested without end do not fill the state", () => {
  assertEquals(faultOf(`<calls>${"<a>".repeat(100)}`), "xml_malformed at byte 52 after 1");
});

Deno.test("a record larger than the limit ends the file, the limit itself does not", () => {
  const sized = (length: number) => `<calls>${CALL}<call number="${"1".repeat(length - 17)}"/></calls>`;
  assertEquals(codesOf(parseWhole(sized(200), { max_carry_bytes: 200 })), ["event", "ts_missing"]);
  assertEquals(
    faultOf(sized(201), { max_carry_bytes: 200 }),
    `record_too_large at byte ${7 + CALL.length} after 1`,
  );
});

Deno.test("a byte that is not UTF-8 is named, and the records before it are kept", () => {
  const start = utf8(`<calls>${CALL}<call contact_name="å`);
  const file = new Uint8Array([...start, 0xe5, 0x22, ...utf8(`/></calls>`)]);
  assertEquals(faultOf(file), `encoding_invalid at byte ${start.length} after 1`);
  const overlong = new Uint8Array([...start, 0xe0, 0x80, 0x80, 0x22]);
  assertEquals(faultOf(overlong), `encoding_invalid at byte ${start.length} after 1`);
});

Deno.test("a fault says nothing of the file's words", () => {
  const { fault } = parseWhole(`<smses><sms body="he said "secret" and left" secret="1"/></smses>`);
  assertEquals(fault?.code, "xml_malformed");
  assert(!JSON.stringify(fault).includes("secret"));
});
