import { assertEquals } from "@std/assert";
import { removeSurface, writeSurface } from "../tests/helpers/surface.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { openKeys, type SigningKeys } from "./keys.ts";
import { loadSurfaces, platformVariables } from "./surfaces.ts";

const ORIGIN = "http://127.0.0.1:54321";
const logged: string[] = [];
let keys: SigningKeys;
let gateway: Gateway;
let functions_dir: string;

Deno.test.beforeAll(async () => {
  functions_dir = await writeSurface();
  keys = await openKeys();
  gateway = createGateway({
    keys,
    supabase: (request) => Promise.resolve(new Response(`supabase ${new URL(request.url).pathname}`)),
    replica: (request) => Promise.resolve(new Response(`replica ${new URL(request.url).pathname}`)),
    surfaces: await loadSurfaces(functions_dir, platformVariables(ORIGIN, keys)),
    log: (line) => logged.push(line),
  });
});
Deno.test.afterAll(() => removeSurface(functions_dir));

const send = (path: string, init?: RequestInit) => gateway(new Request(ORIGIN + path, init), "192.0.2.1");

for (const prefix of ["/functions/v1", "/api"]) {
  Deno.test(`A function sees its own path under ${prefix}, with query, method, headers, body and address`, async () => {
    const answer = await send(`${prefix}/echo/a%20b/c?x=1&x=2`, {
      method: "PUT",
      headers: { "x-note": "n", "x-forwarded-for": "10.0.0.1" },
      body: "content",
    });
    assertEquals(await answer.json(), {
      method: "PUT",
      path: "/echo/a%20b/c?x=1&x=2",
      note: "n",
      forwarded_for: "192.0.2.1",
      body: "content",
    });
  });
}

Deno.test("A body streams through to the function: what is not read is not asked for", async () => {
  let chunks = 0;
  const body = new ReadableStream({
    pull(controller) {
      chunks++;
      if (chunks > 1000) controller.close();
      else controller.enqueue(new Uint8Array(1024));
    },
  });
  const answer = await send("/functions/v1/echo/first-chunk", { method: "POST", body });
  assertEquals(await answer.json(), { bytes: 1024 });
  assertEquals(chunks < 10, true);
});

Deno.test("What is not there answers 404 as problem+json", async () => {
  for (
    const path of ["/api/nobody/metrics", "/functions/v1/nobody", "/api/", "/api", "/functions/v2/echo", "/x"]
  ) {
    const answer = await send(path);
    assertEquals([path, answer.status, answer.headers.get("content-type")], [
      path,
      404,
      "application/problem+json",
    ]);
    const { code, status, request_id } = await answer.json();
    assertEquals([code, status, request_id], ["route_not_found", 404, answer.headers.get("x-request-id")]);
  }
});

Deno.test("A function that throws answers 500 without a word of what happened, which the log has", async () => {
  const answer = await send("/api/echo/throw");
  assertEquals([answer.status, (await answer.text()).includes("inner secret")], [500, false]);
  assertEquals(logged.some((line) => line.includes("inner secret")), true);
});

Deno.test("REST and Auth get what is under their paths, but for the key set", async () => {
  for (const path of ["/rest/v1/things", "/auth/v1/token", "/rest/v1"]) {
    assertEquals(await (await send(path)).text(), `supabase ${path}`);
  }
  assertEquals(await (await send("/auth/v1/.well-known/jwks.json")).json(), keys.jwks);
});

Deno.test("The root tells what this is; favicon.ico is empty", async () => {
  assertEquals(await (await send("/")).json(), { name: "PhoneLog AI", functions: ["echo"] });
  assertEquals((await send("/favicon.ico")).status, 204);
});

Deno.test("A replica is reached by REST, and by nothing else", async () => {
  assertEquals(await (await send("/replica/rest/v1/rpc/x?a=1")).text(), "replica /rest/v1/rpc/x");
  for (const path of ["/replica", "/replica/auth/v1/token", "/replica/rest/v2/x"]) {
    assertEquals((await send(path)).status, 404);
  }
});
