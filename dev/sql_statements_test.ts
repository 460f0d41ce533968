import { assertEquals } from "@std/assert";
import { canonicalSql, lineOfPosition, splitStatements } from "./sql_statements.ts";

const texts = (script: string) => splitStatements(script).map(({ text }) => text);

Deno.test("splitStatements() cuts at semicolons and drops them", () => {
  assertEquals(texts("select 1;\n\nselect 2"), ["select 1", "select 2"]);
});

const WHOLE = {
  "a string": "select 'a;b', 'it''s;'",
  "an escape string": String.raw`select E'\';', e'\\'`,
  "a quoted name": 'select 1 as "a;""b"',
  "a line comment": "select 1 -- one; two\n + 1",
  "a nested block comment": "select /* a; /* b; */ c; */ 1",
  "a dollar quote": "do $$ begin perform 1; end; $$",
  "a tagged dollar quote": "do $a$ select $$;$$; $a$",
  "a dollar sign within a name": "select a$b$c, 1 as d$b$",
  "parentheses": "create rule r as on insert to t do also (select 1; select 2)",
  "an atomic body":
    "create function f() returns int begin atomic select 1; select case when true then 2 end; end",
};
for (const [what, statement] of Object.entries(WHOLE)) {
  Deno.test(`splitStatements() does not cut within ${what}`, () => {
    assertEquals(texts(`${statement};\nselect 'next';`), [statement, "select 'next'"]);
  });
}

Deno.test("splitStatements() writes the history that supabase db push writes", () => {
  const script = [
    "-- First: a comment; with a semicolon",
    "revoke all on schema public from public;",
    "",
    "/* block ; comment */",
    "create table t (",
    "  id int -- inline; comment",
    ");",
    "-- trailing comment",
    "",
  ].join("\n");
  // As stored by version 3.1.0 of the CLI: comments before a statement belong to it, one at the end stands alone.
  assertEquals(texts(script), [
    "-- First: a comment; with a semicolon\nrevoke all on schema public from public",
    "/* block ; comment */\ncreate table t (\n  id int -- inline; comment\n)",
    "-- trailing comment",
  ]);
});

Deno.test("splitStatements() tells the line of a statement's first word and whether there is one", () => {
  const found = splitStatements("select 1;\n\n-- why\nselect\n2;\n-- end\n").map((
    { line, has_code },
  ) => [line, has_code]);
  assertEquals(found, [[1, true], [4, true], [6, false]]);
});

Deno.test("lineOfPosition() counts characters as Postgres does, not UTF-16 units", () => {
  const script = "select 1;\n\nselect '📞📞📞',\n  nope;";
  const [, statement] = splitStatements(script);
  if (statement === undefined) throw new Error("two statements expected");
  const position = [...statement.text].join("").indexOf("nope") - 3 + 1;
  assertEquals(lineOfPosition(script, statement, position), 4);
});

Deno.test("canonicalSql() is the same for scripts that differ in comments and white space only", () => {
  assertEquals(
    canonicalSql("select 1 ;\n\n-- why\n;select\t2"),
    canonicalSql("/* x */ select 1;select 2;\n"),
  );
});

Deno.test("canonicalSql() differs where a function body or a string does", () => {
  assertEquals(canonicalSql("do $$ a  b $$") === canonicalSql("do $$ a b $$"), false);
  assertEquals(canonicalSql("select 'a'") === canonicalSql("select 'A'"), false);
});
