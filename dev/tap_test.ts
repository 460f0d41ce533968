import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { testDatabase } from "../tests/helpers/database.ts";
import type { Database } from "./database.ts";
import { installPgtap, parseTap, runTap, TapError } from "./tap.ts";

Deno.test("parseTap() reads assertions, their diagnostics and the plan", () => {
  const lines = [
    "1..2",
    "ok 1 - Owners see it",
    "not ok 2 - Others do not",
    "# Failed test 2",
    "#   have: 1",
    "noise",
  ];
  assertEquals(parseTap(lines), {
    planned: 2,
    results: [
      { ok: true, description: "Owners see it", diagnostics: [] },
      { ok: false, description: "Others do not", diagnostics: ["Failed test 2", "  have: 1"] },
    ],
  });
});

Deno.test("parseTap() counts neither a failure marked TODO nor lines that only look like one", () => {
  const { results } = parseTap(["not ok 1 - Later # TODO no shard yet", "okay", "not okay"]);
  assertEquals(results.map(({ ok }) => ok), [true]);
});

let db: Database;
Deno.test.beforeAll(async () => {
  db = await testDatabase();
  await installPgtap(db);
});
Deno.test.afterAll(() => db.close());

const file = (body: string) => `-- A comment first\nbegin;\n${body}\nrollback;\n`;

Deno.test("runTap() reports what passed and leaves nothing behind", async () => {
  const script = file(
    "select plan(2);\ncreate table public.left_over (id int);\n" +
      "select has_table('public', 'left_over', 'A table');\nselect is(1, 1, 'One is one');\nselect * from finish();",
  );
  const { results, planned } = await runTap(db, "good", script);
  assertEquals([planned, ...results.map(({ description }) => description)], [2, "A table", "One is one"]);
  assertEquals(await db.query("select to_regclass('public.left_over') as t"), [{ t: null }]);
});

Deno.test("runTap() says which assertion failed and how", async () => {
  const script = file("select plan(1);\nselect is(1, 2, 'One is two');\nselect * from finish();");
  const error = await assertRejects(() => runTap(db, "bad", script), TapError);
  assertStringIncludes(error.message, "not ok - One is two");
  assertStringIncludes(error.message, "want: 2");
});

const REFUSED: Record<string, [script: string, complaint: string]> = {
  "fewer assertions than planned": [
    file("select plan(2); select pass('a'); select * from finish();"),
    "planned 2",
  ],
  "more assertions than planned": [
    file("select plan(1); select pass(); select pass();"),
    "planned 1 assertions, ran 2",
  ],
  "no assertion": [file("select plan(0);"), "no assertion ran"],
  "no plan": [file("select * from no_plan(); select pass('a');"), "no plan"],
  "an empty file": ["", "start with begin"],
  "what would stay in the database": ["create table public.kept (id int);", "start with begin"],
};
for (const [what, [script, complaint]] of Object.entries(REFUSED)) {
  Deno.test(`runTap() refuses ${what}`, async () => {
    const error = await assertRejects(() => runTap(db, "file", script), TapError);
    assertStringIncludes(error.message, complaint);
  });
}

Deno.test("runTap() names the line of an SQL error, and the next file runs all the same", async () => {
  const script = file("select plan(1);\n\nselect nope;");
  const error = await assertRejects(() => runTap(db, "broken.test.sql", script), TapError);
  assertStringIncludes(error.message, "broken.test.sql:5");
  assertStringIncludes(error.message, 'column "nope" does not exist (42703)');
  assertEquals((await runTap(db, "next", file("select plan(1); select pass('a');"))).results.length, 1);
});

Deno.test("runTap() forgets the role that a file set", async () => {
  await runTap(
    db,
    "role",
    file("set role anon; reset role; select plan(1); select pass('a'); set role anon;"),
  );
  assertEquals(await db.query("select current_user <> 'anon' as is_reset"), [{ is_reset: true }]);
});
