import { createRoute, z } from "@hono/zod-openapi";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { answer } from "../../shared/http/answer.ts";
import { createSurface, maxBody, responses } from "../../shared/http/app.ts";
import { databaseProblem } from "../../shared/database/database_error.ts";
import { readEnv } from "../../shared/env.ts";
import { Problem } from "../../shared/http/problem.ts";
import { API_VERSION } from "../../shared/version.ts";

const env = readEnv({
  SUPABASE_URL: "http://127.0.0.1:1",
  SUPABASE_PUBLISHABLE_KEY: "p",
  SUPABASE_SECRET_KEY: "s",
  PHONELOG_CORS_ORIGINS: "https://app.example.test",
});

function tinyApp() {
  const app = createSurface("tiny", env);
  const body = {
    required: true,
    content: { "application/json": { schema: z.strictObject({ name: z.string() }) } },
  };
  app.openapi(
    createRoute({ method: "get", path: "/time", responses: responses("Now", z.unknown()) }),
    (c) => answer(c, { value: 1, generated_at: crypto.randomUUID() }),
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/names",
      middleware: [maxBody(100)] as const,
      request: { body },
      responses: responses("Name", z.unknown()),
    }),
    (c) => answer(c, c.req.valid("json")),
  );
  app.get("/broken", () => {
    throw new Error("secret internal text: select * from auth.users");
  });
  return app;
}

async function problemOf(response: Response) {
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  return await response.json();
}

Deno.test("Every answer carries request id, timing, version and CORS", async () => {
  const response = await tinyApp().request("/tiny/time", { headers: { origin: "https://app.example.test" } });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("api-version"), API_VERSION);
  assertMatch(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
  assertStringIncludes(response.headers.get("server-timing") ?? "", "total;dur=");
  assertEquals(response.headers.get("access-control-allow-origin"), "https://app.example.test");
  assertEquals(response.headers.get("cache-control"), "private, no-cache");
});

Deno.test("Another origin is not let in, and a preflight names the methods", async () => {
  const foreign = await tinyApp().request("/tiny/time", { headers: { origin: "https://evil.test" } });
  assertEquals(foreign.headers.get("access-control-allow-origin"), null);
  const preflight = await tinyApp().request("/tiny/time", {
    method: "OPTIONS",
    headers: { origin: "https://app.example.test", "access-control-request-method": "PATCH" },
  });
  assertEquals(preflight.status, 204);
  assertStringIncludes(preflight.headers.get("access-control-allow-methods") ?? "", "PATCH");
});

Deno.test("An ETag ignores when the answer was made, and brings 304", async () => {
  const first = await tinyApp().request("/tiny/time");
  const etag = first.headers.get("etag") ?? "";
  assertMatch(etag, /^W\/"[0-9a-f]{24}"$/);
  const again = await tinyApp().request("/tiny/time", { headers: { "if-none-match": `"x", ${etag}` } });
  assertEquals([again.status, await again.text(), again.headers.get("etag")], [304, "", etag]);
  const head = await tinyApp().request("/tiny/time", { method: "HEAD" });
  assertEquals([head.status, await head.text(), head.headers.get("etag")], [200, "", etag]);
  const other = await tinyApp().request("/tiny/time", { headers: { "if-none-match": '"x"' } });
  assertEquals(other.status, 200);
  await other.body?.cancel();
});

Deno.test("A fault of ours shows no internal text", async () => {
  const response = await tinyApp().request("/tiny/broken");
  const text = await response.clone().text();
  assertEquals((await problemOf(response)).code, "internal_error");
  assertEquals(response.status, 500);
  assert(!text.includes("secret") && !text.includes("select"));
});

Deno.test("Unknown routes and methods are told apart", async () => {
  assertEquals((await problemOf(await tinyApp().request("/tiny/nothing"))).code, "route_not_found");
  const wrong = await tinyApp().request("/tiny/names");
  assertEquals([wrong.status, wrong.headers.get("allow")], [405, "POST"]);
  assertEquals((await problemOf(wrong)).code, "method_not_allowed");
});

Deno.test("Bodies are judged: not JSON, wrong members, too large", async () => {
  const post = (body: string) =>
    tinyApp().request("/tiny/names", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    });
  assertEquals((await problemOf(await post("{"))).code, "json_invalid");
  const wrong = await problemOf(await post('{"name":1,"other":2}'));
  assertEquals(wrong.errors.map((error: { path: string }) => error.path).sort(), ["name", "other"]);
  assertEquals((await post(JSON.stringify({ name: "x".repeat(200) }))).status, 413);
  assertEquals((await post('{"name":"x"}')).status, 200);
});

Deno.test("Only errors that our functions raise reach the caller", () => {
  const raised = (code: string, message: string, details = "A sentence") =>
    databaseProblem({ code, message, details, hint: "", name: "PostgrestError" } as never, 400);
  assertEquals(raised("PT404", "event_not_found").status, 404);
  assertEquals(raised("PT404", "event_not_found").message, "A sentence");
  assertEquals(raised("PT418", "no_code_of_ours").code, "internal_error");
  assertEquals(raised("42501", "permission denied for table x").code, "internal_error");
  assertEquals(raised("57014", "canceling statement").code, "database_timeout");
  assertEquals(raised("PGRST303", "JWT expired").code, "token_invalid");
  assertEquals(databaseProblem({ message: "fetch failed" } as never, 0).code, "database_unavailable");
  assert(!raised("42501", "permission denied for table x", "secret").message.includes("secret"));
  assertEquals(new Problem("event_not_found", "x").status, 404);
});
