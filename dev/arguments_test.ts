import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments, UsageError } from "./arguments.ts";

const DEFAULTS = { help: false, port: 54321, data: ".phonelog", demo: true, jobs: true };

Deno.test("parseArguments() has defaults for everything", () => {
  assertEquals(parseArguments([], {}), DEFAULTS);
  assertEquals(parseArguments([], { PHONELOG_PORT: "", DATABASE_URL: "", PHONELOG_DEMO: "" }), DEFAULTS);
});

Deno.test("parseArguments() reads every option", () => {
  const args = [
    "--port",
    "0",
    "--data=:memory:",
    "--database-url",
    "postgres://u@h/d",
    "--no-demo",
    "--no-jobs",
    "--host",
    "::1",
  ];
  assertEquals(parseArguments(args, {}), {
    help: false,
    port: 0,
    data: ":memory:",
    database_url: "postgres://u@h/d",
    demo: false,
    jobs: false,
    host: "::1",
  });
});

Deno.test("parseArguments() reads the environment", () => {
  const env = {
    PHONELOG_PORT: "8000",
    PHONELOG_DATA: "d",
    DATABASE_URL: "postgresql://h/d",
    PHONELOG_DEMO: "0",
    PHONELOG_JOBS: "no",
  };
  assertEquals(parseArguments([], env), {
    help: false,
    port: 8000,
    data: "d",
    database_url: "postgresql://h/d",
    demo: false,
    jobs: false,
  });
});

Deno.test("parseArguments() lets an option go before its variable", () => {
  const env = { PHONELOG_PORT: "8000", PHONELOG_DATA: "d", PHONELOG_DEMO: "0" };
  assertEquals(parseArguments(["--port", "1", "--data", "e", "--demo"], env), {
    ...DEFAULTS,
    port: 1,
    data: "e",
  });
});

for (
  const [what, args] of Object.entries({
    "an unknown option": ["--prot", "1"],
    "a stray word": ["serve"],
    "a port that is no number": ["--port", "http"],
    "a port out of range": ["--port", "65536"],
    "an option without its value": ["--data"],
    "a URL of something else": ["--database-url", "mysql://h/d"],
  })
) {
  Deno.test(`parseArguments() refuses ${what}`, () => {
    assertThrows(() => parseArguments(args, {}), UsageError);
  });
}

Deno.test("parseArguments() takes no host from the environment: leaving loopback is said each time", () => {
  assertEquals(parseArguments([], { PHONELOG_HOST: "0.0.0.0", HOST: "0.0.0.0" }), DEFAULTS);
});

Deno.test("parseArguments() takes a replica beside its primary only", () => {
  const DATABASE_URL = "postgres://h/d";
  for (
    const [args, env] of [
      [["--read-database-url", "postgres://r/d"], { DATABASE_URL }],
      [[], { DATABASE_URL, READ_DATABASE_URL: "postgres://r/d" }],
    ] as const
  ) assertEquals(parseArguments([...args], env).read_database_url, "postgres://r/d");
  assertThrows(() => parseArguments([], { READ_DATABASE_URL: "postgres://r/d" }), UsageError, "its primary");
  assertThrows(() => parseArguments(["--read-database-url=x"], { DATABASE_URL }), UsageError, "database URL");
});
