import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { listen } from "./server.ts";

const noLog = () => {};

/** A body that ends when `finish` is called. */
function slowBody(): { body: ReadableStream<Uint8Array>; finish: () => void } {
  let finish = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half "));
      finish = () => {
        controller.enqueue(new TextEncoder().encode("whole"));
        controller.close();
      };
    },
  });
  return { body, finish };
}

Deno.test("listen() answers 503 until it is told what to serve", async () => {
  const server = listen("127.0.0.1", 0, noLog);
  const early = await fetch(server.url);
  assertEquals([early.status, early.headers.get("retry-after")], [503, "1"]);
  await early.body?.cancel();
  server.serve((_request, address) => Promise.resolve(new Response(address)));
  assertEquals(await (await fetch(server.url)).text(), "127.0.0.1");
  await server.stop(1000);
});

Deno.test("stop() waits for a request in hand and lets no other in", async () => {
  const server = listen("127.0.0.1", 0, noLog);
  const reached = Promise.withResolvers<void>();
  server.serve(async (request) => {
    reached.resolve();
    return new Response(await request.text());
  });
  const { body, finish } = slowBody();
  const answer = fetch(server.url, { method: "POST", body });
  await reached.promise;
  const stopped = server.stop(60_000);
  const late = await fetch(server.url);
  assertEquals([late.status, await late.text()], [503, "Starting or stopping\n"]);
  finish();
  assertEquals(await (await answer).text(), "half whole");
  await stopped;
  await assertRejects(() => fetch(server.url), TypeError);
});

Deno.test("stop() cuts off what takes longer than it may", async () => {
  const server = listen("127.0.0.1", 0, noLog);
  const reached = Promise.withResolvers<void>();
  const never = Promise.withResolvers<Response>();
  server.serve(() => {
    reached.resolve();
    return never.promise;
  });
  const answer = fetch(server.url).then((response) => response.text());
  const refused = assertRejects(() => answer, TypeError);
  await reached.promise;
  await server.stop(10);
  await refused;
});

Deno.test("stop() lets in what a request in hand asks of the server itself, until that is answered", async () => {
  const server = listen("127.0.0.1", 0, noLog);
  const reached = Promise.withResolvers<void>();
  const { body, finish } = slowBody();
  server.serve(async (request) => {
    if (new URL(request.url).pathname === "/inner") return new Response("inner");
    reached.resolve();
    await request.text();
    const asked = await (await fetch(`${server.url}/inner`)).text();
    const { body: late, finish: finishLate } = slowBody();
    const answer = new Response(late);
    // What is streamed asks, too.
    const again = async () => {
      if (await (await fetch(`${server.url}/inner`)).text() === asked) finishLate();
    };
    queueMicrotask(again);
    return answer;
  }, (request) => new URL(request.url).pathname === "/inner");
  const answer = fetch(`${server.url}/outer`, { method: "POST", body });
  await reached.promise;
  const stopped = server.stop(60_000);
  const late = await fetch(`${server.url}/outer`);
  assertEquals([late.status, await late.text()], [503, "Starting or stopping\n"]);
  finish();
  assertEquals(await (await answer).text(), "half whole");
  await stopped;
  await assertRejects(() => fetch(`${server.url}/inner`), TypeError);
});

Deno.test("stop() cuts off an answer that does not end", async () => {
  const server = listen("127.0.0.1", 0, noLog);
  const { body } = slowBody();
  server.serve(() => Promise.resolve(new Response(body)));
  const answer = await fetch(server.url);
  const refused = assertRejects(() => answer.text(), TypeError);
  await server.stop(10);
  await refused;
});

Deno.test("listen() says in one sentence that a port is taken", async () => {
  const server = listen("127.0.0.1", 0, noLog);
  const port = Number(new URL(server.url).port);
  assertThrows(() => listen("127.0.0.1", port, noLog), Error, `Port ${port} is in use`);
  await server.stop(1000);
});

Deno.test("A handler that fails answers 500, and the log says why", async () => {
  const logged: string[] = [];
  const server = listen("127.0.0.1", 0, (line) => logged.push(line));
  server.serve(() => Promise.reject(new Error("inner secret")));
  const answer = await fetch(server.url);
  assertEquals([answer.status, await answer.text()], [500, "Internal Server Error\n"]);
  assertEquals(logged.some((line) => line.includes("inner secret")), true);
  await server.stop(1000);
});

Deno.test("A request that is none is refused, and the server goes on", async () => {
  const server = listen("127.0.0.1", 0, () => {});
  server.serve(() => Promise.resolve(new Response("here")));
  const { hostname, port } = new URL(server.url);
  const raw = async (head: string) => {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    await connection.write(new TextEncoder().encode(`${head}\r\nConnection: close\r\n\r\n`));
    return (await new Response(connection.readable).text()).split("\r\n")[0];
  };
  assertEquals(await raw("GET / HTTP/1.1\r\nHost: x y"), "HTTP/1.1 400 Bad Request");
  assertEquals(await raw("TRACE / HTTP/1.1\r\nHost: localhost"), "HTTP/1.1 405 Method Not Allowed");
  assertEquals(await raw("GET / HTTP/1.1\r\nHost: localhost"), "HTTP/1.1 200 OK");
  await server.stop(1000);
});
