import { assertEquals } from "@std/assert";
import { resolveMapping } from "./csv_columns.ts";
import { eventsOf, parseWhole } from "./testing.ts";

Deno.test("time columns are chosen by how much they say", () => {
  const time = (...headers: string[]) => resolveMapping(headers, {}).mapping.ts;
  assertEquals(time("Time", "Date", "Number"), ["Date", "Time"]);
  assertEquals(time("Date", "Time", "Timestamp"), "Timestamp");
  assertEquals(time("Date", "epoch_ms"), "epoch_ms");
  assertEquals(time("Time"), "Time");
  assertEquals(time("Start time", "End time"), "Start time");
  assertEquals(time("Number"), undefined);
});

Deno.test("what a table lacks is named", () => {
  const missing = (...headers: string[]) => resolveMapping(headers, {}).missing;
  assertEquals(missing("Date", "Number", "Type"), []);
  assertEquals(missing("Date", "Phone", "Direction"), []);
  assertEquals(missing("Date", "From", "To"), ["direction"]);
  assertEquals(missing("a", "b"), ["ts", "number", "direction"]);
  assertEquals(missing("Data", "Da", "A", "Tipo"), []);
});

Deno.test("the caller's mapping wins, finds headers in any case and takes them from the guess", () => {
  const headers = ["Date", "Number", "Direction", "Note", "Name"];
  assertEquals(resolveMapping(headers, { content: "NOTE", number: "name" }), {
    mapping: { ts: "Date", number: "Name", direction: "Direction", content: "Note" },
    missing: [],
    absent: [],
  });
  assertEquals(
    resolveMapping(headers, { direction: "" }).missing,
    ["direction"],
    "an empty name: no such column",
  );
  assertEquals(resolveMapping(headers, { content: "Text", ts: ["Date", "Clock"] }).absent, ["Text", "Clock"]);
});

Deno.test("a mapping reads a table of which nothing is known", () => {
  const file = "a;b;c;d;e\n02/02/2014;17:17;+451;raus;hej\n";
  const mapping = { ts: ["a", "b"], number: "c", direction: "d", content: "e" };
  const unknown = parseWhole(file, { mapping });
  assertEquals(unknown.records[0]?.kind === "refused" && unknown.records[0].code, "direction_invalid");
  const [event] = eventsOf(parseWhole(file.replace("raus", "out"), { mapping }));
  assertEquals([event?.ts, event?.type, event?.content], ["2014-02-02T16:17:00.000Z", "sms", "hej"]);
});

Deno.test("without the columns it takes nothing is read, and the state keeps headers and guess", () => {
  const { records, state, fault } = parseWhole("Note,Number\nx,1\ny,2\n");
  assertEquals([records, fault?.code, fault?.position], [[], "columns_missing", "line 1"]);
  assertEquals(fault?.detail, "No column is known to hold ts, direction");
  assertEquals(state.csv?.headers, ["Note", "Number"]);
  assertEquals(state.csv?.mapping, { number: "Number" });
  assertEquals(state.csv?.missing, ["ts", "direction"]);
  const absent = parseWhole("Date,Number,Type\nx,1,in\n", { mapping: { content: "Text" } });
  assertEquals([absent.fault?.code, absent.fault?.detail], [
    "columns_missing",
    'The file has no column "Text"',
  ]);
});

Deno.test("columns without a name or with the same one can be told apart", () => {
  const { state } = parseWhole("Date,,Number,Number\n2014,a,b,c\n2014,a,b,c\n");
  assertEquals(state.csv?.headers, ["Date", "Column 2", "Number", "Number (4)"]);
});
