import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { copyTemplate } from "../helpers/embedded_copy.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
// No other address: what would phone home fails, and the test with it.
const PERMISSIONS = ["--allow-net=127.0.0.1", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
const KEY = { apikey: "sb_publishable_local", "content-type": "application/json" };

function command(script: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...PERMISSIONS, `dev/${script}.ts`, ...args],
    cwd: ROOT,
    env: { DATABASE_URL: "", PHONELOG_DATA: "", PHONELOG_PORT: "", PHONELOG_JOBS: "0", NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

async function run(script: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await command(script, ...args).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

interface Running {
  url: string;
  pid: number;
  /** Ends it and gives its exit code, -9 for killed. */
  end(signal: Deno.Signal): Promise<number>;
}

async function start(...args: string[]): Promise<Running> {
  const child = command("start", ...args).spawn();
  const error = new Response(child.stderr).text();
  let out = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    out += chunk.value;
    const [, url] = /^PhoneLog AI is ready at (http:\/\/127\.0\.0\.1:\d+)\n/m.exec(out) ?? [];
    if (url === undefined) continue;
    return {
      url,
      pid: child.pid,
      end: async (signal) => {
        child.kill(signal);
        const { code, signal: killed_by } = await child.status;
        await reader.cancel();
        await error;
        return killed_by === "SIGKILL" ? -9 : code;
      },
    };
  }
  throw new Error(`The start ended before it was ready:\n${out}${await error}`);
}

async function token(
  url: string,
  path: string,
  body: unknown,
): Promise<{ status: number; token: string }> {
  const answer = await fetch(`${url}/auth/v1/${path}`, {
    method: "POST",
    headers: KEY,
    body: JSON.stringify(body),
  });
  const { access_token = "" } = await answer.json();
  return { status: answer.status, token: access_token };
}

/** A request whose body is on its way: the server has asked for it, and waits. */
async function openPost(url: string, path: string, token: string, body: string) {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const text = connection.readable.pipeThrough(new TextDecoderStream()).getReader();
  const send = (part: string) => connection.write(new TextEncoder().encode(part));
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${hostname}`,
    `authorization: Bearer ${token}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    "expect: 100-continue",
    "connection: close",
  ];
  await send(`${head.join("\r\n")}\r\n\r\n`);
  assertMatch((await text.read()).value ?? "", /^HTTP\/1\.1 100 /);
  return {
    /** Sends the body and gives everything that comes back. */
    finish: async () => {
      await send(body);
      let answer = "";
      for (let part = await text.read(); !part.done; part = await text.read()) answer += part.value;
      return answer;
    },
  };
}

/** Asks until the server takes no more requests. */
async function untilStopping(url: string): Promise<void> {
  for (let status = 200; status !== 503;) {
    const answer = await fetch(`${url}/api/admin/live`);
    await answer.body?.cancel();
    status = answer.status;
  }
}

/** A data directory that is past its first start, so that a test need not wait for that. */
async function withData(fn: (data: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "phonelog-start-" });
  await Deno.mkdir(`${directory}/data`);
  await copyTemplate(`${directory}/data/database`);
  await fn(`${directory}/data`).finally(() => Deno.remove(directory, { recursive: true }));
}

Deno.test("start serves, tells a second start who holds the data, and stops on SIGTERM with nothing lost", () =>
  withData(async (data) => {
    const first = await start("--data", data, "--port", "0", "--no-demo");
    const account = { email: "ada@example.com", password: "correct horse" };
    assertEquals((await token(first.url, "signup", account)).status, 200);

    const second = await run("start", "--data", data, "--port", "0", "--no-demo");
    assertEquals(second.code, 1);
    assertMatch(second.err, new RegExp(`in use by process ${first.pid} since .*, serving ${first.url}\\n`));
    const reset = await run("reset", "--data", data);
    assertEquals([reset.code, reset.err.includes(`in use by process ${first.pid}`)], [1, true]);

    const taken = await run("start", "--data", ":memory:", "--port", new URL(first.url).port, "--no-demo");
    assertEquals(taken.code, 1);
    assertStringIncludes(taken.err, `Port ${new URL(first.url).port} is in use`);

    assertEquals(await first.end("SIGTERM"), 0);
    const third = await start("--data", data, "--port", "0", "--no-demo");
    assertEquals((await token(third.url, "token?grant_type=password", account)).status, 200);
    assertEquals(await third.end("SIGINT"), 0);
  }));

Deno.test("A request in hand is answered in full after SIGTERM, and no other is let in", () =>
  withData(async (data) => {
    const stack = await start("--data", data, "--port", "0", "--no-demo");
    const account = { email: "ada@example.com", password: "correct horse" };
    const { token: bearer } = await token(stack.url, "signup", account);
    const event = { ts: "2026-05-01T10:00:00Z", number: "+14155550123", type: "call", direction: "inbound" };
    const events = JSON.stringify({ events: [event] });
    const post = await openPost(stack.url, "/api/events", bearer, events);

    const ended = stack.end("SIGTERM");
    await untilStopping(stack.url);
    const answer = await post.finish();
    assertMatch(answer, /^HTTP\/1\.1 200 /);
    assertStringIncludes(answer, `"inserted":1`);
    assertEquals(await ended, 0);
    await assertRejects(() => fetch(stack.url), TypeError);
  }));

Deno.test("A start that is killed while it writes keeps every account that was acknowledged", () =>
  withData(async (data) => {
    const account = (number: number) => ({ email: `ada${number}@example.com`, password: "correct horse" });
    const killed = await start("--data", data, "--port", "0", "--no-demo");
    const numbers = [1, 2, 3, 4, 5];
    for (const number of numbers) {
      assertEquals((await token(killed.url, "signup", account(number))).status, 200);
    }
    const cut_off = token(killed.url, "signup", account(6)).catch(() => undefined);
    assertEquals(await killed.end("SIGKILL"), -9);
    await cut_off;

    const next = await start("--data", data, "--port", "0", "--no-demo");
    const found = [];
    for (const number of numbers) {
      found.push(await token(next.url, "token?grant_type=password", account(number)));
    }
    assertEquals(found.map(({ status }) => status), [200, 200, 200, 200, 200]);
    assertEquals(await next.end("SIGTERM"), 0);
  }));

Deno.test("db:reset deletes the database and leaves the rest of the directory", () =>
  withData(async (data) => {
    await Deno.writeTextFile(`${data}/mine.txt`, "keep");
    assertEquals((await run("reset", "--data", data)).code, 0);
    const left = [...Deno.readDirSync(data)].map(({ name }) => name).sort();
    assertEquals(left, ["lock", "mine.txt"]);
  }));

Deno.test("db:reset tells how to recreate a server's database and touches nothing", async () => {
  const { code, out } = await run("reset", "--database-url", "postgres://me:secret@127.0.0.1:1/phone");
  assertEquals(code, 1);
  assertStringIncludes(out, `drop database "phone" with (force)`);
  assertEquals(out.includes("secret"), false);
});

Deno.test("start --help explains every option; an unknown one is an error", async () => {
  const help = await run("start", "--help");
  assertEquals(help.code, 0);
  for (const option of ["--port", "--data", "--database-url", "--no-demo", "--host"]) {
    assertStringIncludes(help.out, option);
  }
  const unknown = await run("start", "--prot", "1");
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.err, "--prot");
});
