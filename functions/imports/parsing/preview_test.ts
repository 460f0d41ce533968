import { assertEquals } from "@std/assert";
import { previewFile } from "./parser.ts";
import { utf16, utf8, ZONE } from "./testing.ts";

const OPTIONS = { time_zone: ZONE };

Deno.test("a table's preview shows how its columns are understood and its first rows", () => {
  const rows = Array.from(
    { length: 20 },
    (_, index) => `02/03/2014 10:${10 + index};+45${index};Eingehend;x\r\n`,
  );
  const preview = previewFile(OPTIONS, utf16(`\ufeffDatum;Nummer;Richtung;Sonst\r\n${rows.join("")}`));
  assertEquals([preview.kind, preview.encoding, preview.fault, preview.declared], [
    "csv",
    "utf-16le",
    null,
    null,
  ]);
  assertEquals(preview.table, {
    delimiter: ";",
    headers: ["Datum", "Nummer", "Richtung", "Sonst"],
    mapping: { ts: "Datum", number: "Nummer", direction: "Richtung" },
    missing: [],
    absent: [],
    date_order: "dmy",
    is_date_order_sure: false,
    rows: Array.from(
      { length: 5 },
      (_, index) => [`02/03/2014 10:${10 + index}`, `+45${index}`, "Eingehend", "x"],
    ),
  });
  assertEquals(preview.records.length, 10);
  assertEquals(preview.records[0]?.position, "line 2");
});

Deno.test("a preview of a table that lacks columns says which, and what is in it", () => {
  const latin = Uint8Array.from("Wer;Wann\r\nZo\u00eb;02.02.2014 17:17\r\n", (char) => char.charCodeAt(0));
  const preview = previewFile(OPTIONS, latin);
  assertEquals([preview.fault?.code, preview.encoding], ["columns_missing", "windows-1252"]);
  assertEquals(preview.table?.missing, ["ts", "number", "direction"]);
  assertEquals(preview.table?.rows, [["Zoë", "02.02.2014 17:17"]]);
  const mapped = previewFile({ ...OPTIONS, mapping: { ts: "Wann", number: "Wer", type: "Was" } }, latin);
  assertEquals(mapped.table?.absent, ["Was"]);
});

Deno.test("a first part that breaks off is previewed without a fault", () => {
  const call = `<call number="1" date="1391361412000" type="1" duration="5"/>`;
  const preview = previewFile(OPTIONS, utf8(`<calls count="900">${call.repeat(12)}<call num`));
  assertEquals([preview.kind, preview.declared, preview.records.length, preview.fault], [
    "sms_backup_xml",
    900,
    10,
    null,
  ]);
  assertEquals(preview.table, null);
  const large = previewFile(OPTIONS, utf8(`<calls count="900">${call.repeat(20_000)}`));
  assertEquals([large.records.length, large.fault], [10, null]);
});

Deno.test("a preview of something else says what is wrong", () => {
  const preview = previewFile(OPTIONS, utf8("<!DOCTYPE x><calls/>"));
  assertEquals([preview.kind, preview.fault?.code, preview.records], [
    "sms_backup_xml",
    "xml_doctype_refused",
    [],
  ]);
  assertEquals(previewFile(OPTIONS, utf8("%PDF-1.7")).kind, null);
});
