import { assertEquals, assertThrows } from "@std/assert";
import { Webhook } from "standardwebhooks";
import { sendMessage } from "../../functions/jobs/send_message.ts";
import { type ClaimedMessage, serializeMessage } from "../../functions/jobs/webhook_message.ts";
import { serializeSecret, webhookSecret } from "../../shared/webhooks/webhook_secret.ts";
import { startReceiver } from "../helpers/receiver.ts";

const LOCAL = { allow_local: true };
const ok = () => new Response("thanks");

/** A server that speaks bytes rather than HTTP. */
async function withListener<T>(
  serve: (connection: Deno.Conn) => Promise<void>,
  fn: (url: string) => Promise<T>,
): Promise<T> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of listener) {
      await serve(connection).catch(() => {});
      try {
        connection.close();
      } catch {
        // Closed already.
      }
    }
  })();
  try {
    return await fn(`http://127.0.0.1:${listener.addr.port}/`);
  } finally {
    listener.close();
    await served;
  }
}

Deno.test("A message arrives whole, with its headers, path and query", async () => {
  await using receiver = startReceiver(ok);
  const body = JSON.stringify({ text: "ä€😀".repeat(50_000) });
  const sent = await sendMessage(`${receiver.url}/hook?a=b%20c`, { "webhook-id": "m1" }, body, LOCAL);
  assertEquals(sent, { status: 200, error: null });
  assertEquals(receiver.received.length, 1);
  assertEquals(receiver.received[0]?.path, "/hook?a=b%20c");
  assertEquals(receiver.received[0]?.headers["webhook-id"], "m1");
  assertEquals(receiver.received[0]?.headers.host, new URL(receiver.url).host);
  assertEquals(receiver.received[0]?.body, body);
});

Deno.test("What is no success is a failure with its status, and no redirect is followed", async () => {
  await using target = startReceiver(ok);
  await using receiver = startReceiver(({ path }) => {
    const status = Number(path.slice(1));
    return new Response(null, { status, headers: { location: `${target.url}/stolen` } });
  });
  const outcomes = [];
  for (const status of [204, 299, 301, 302, 307, 308, 400, 401, 404, 410, 429, 500, 503]) {
    outcomes.push((await sendMessage(`${receiver.url}/${status}`, {}, "{}", LOCAL)).error);
  }
  assertEquals(outcomes, [null, null, ...Array(4).fill("redirected"), ...Array(7).fill("status")]);
  assertEquals(target.received, []);
});

Deno.test("A receiver that does not answer in time is given up, whether it accepts, reads or drips", async () => {
  const never = new Promise<void>(() => {});
  const hold = Promise.withResolvers<void>();
  const started = performance.now();
  const outcomes = [
    await withListener(() => Promise.race([never, hold.promise]), async (url) => {
      const sent = await sendMessage(url, {}, "{}", { ...LOCAL, timeout_ms: 100 });
      hold.resolve();
      return sent;
    }),
    await withListener(async (connection) => {
      await connection.write(new TextEncoder().encode("HTTP/1.1 2"));
      await connection.read(new Uint8Array(10_000));
      await connection.read(new Uint8Array(10));
    }, (url) => sendMessage(url, {}, "{}", { ...LOCAL, timeout_ms: 100 })),
  ];
  assertEquals(outcomes, Array(2).fill({ status: null, error: "timeout" }));
  assertEquals(performance.now() - started < 2000, true);
});

Deno.test("What is no HTTP, or nothing, or endless, is an invalid answer", async () => {
  const say = (text: string) =>
    withListener(async (connection) => {
      await connection.read(new Uint8Array(10_000));
      await connection.write(new TextEncoder().encode(text));
    }, (url) => sendMessage(url, {}, "{}", LOCAL));
  assertEquals((await say("220 mail.example.com ESMTP\r\n")).error, "answer_invalid");
  assertEquals((await say("HTTP/1.1 2000 OK\r\n")).error, "answer_invalid");
  assertEquals((await say("")).error, "answer_invalid");
  assertEquals((await say("x".repeat(100_000))).error, "answer_invalid");
  assertEquals(await say("HTTP/1.1 200\r\n\r\n"), { status: 200, error: null });
});

Deno.test("Private addresses are refused before anything is sent, behind a name too", async () => {
  await using receiver = startReceiver(ok);
  const { port } = new URL(receiver.url);
  for (const host of ["127.0.0.1", "localhost", "[::1]", "0x7f.1", "2130706433"]) {
    for (const scheme of ["http", "https"]) {
      assertEquals(
        await sendMessage(`${scheme}://${host}:${port}/`, {}, "{}", { allow_local: false }),
        { status: null, error: "address_refused" },
      );
    }
  }
  assertEquals((await sendMessage("http://10.0.0.1/", {}, "{}", LOCAL)).error, "address_refused");
  assertEquals((await sendMessage("http://[fd00::1]/", {}, "{}", LOCAL)).error, "address_refused");
  assertEquals(receiver.received, []);
});

Deno.test("A public name that resolves to a private address is refused when it is connected to", async () => {
  await using receiver = startReceiver(ok);
  const { port } = new URL(receiver.url);
  // As a hostile name server would have it: first nothing to object to, then this machine.
  const connect = Deno.connect;
  const resolveDns = Deno.resolveDns;
  let asked = 0;
  Deno.resolveDns =
    (() => (asked++, Promise.resolve(["93.184.215.14"]))) as unknown as typeof Deno.resolveDns;
  Deno.connect =
    (({ port }: { port: number }) => connect({ hostname: "127.0.0.1", port })) as typeof Deno.connect;
  try {
    assertEquals(
      await sendMessage(`https://rebind.example.com:${port}/`, {}, "{}", { allow_local: false }),
      { status: null, error: "address_refused" },
    );
  } finally {
    Deno.connect = connect;
    Deno.resolveDns = resolveDns;
  }
  assertEquals(asked, 2);
  assertEquals(receiver.received, []);
});

Deno.test("A closed port is a failure to connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertEquals(await sendMessage(`http://127.0.0.1:${port}/`, {}, "{}", LOCAL), {
    status: null,
    error: "connection_failed",
  });
});

/** A certificate authority's and a server's certificate for localhost, made now. */
async function makeCertificate(): Promise<{ cert: string; key: string }> {
  const directory = await Deno.makeTempDir();
  const { success, stderr } = await new Deno.Command("openssl", {
    // deno-fmt-ignore
    args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
      "-keyout", `${directory}/key.pem`, "-out", `${directory}/cert.pem`],
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const [cert, key] = await Promise.all(
    ["cert", "key"].map((name) => Deno.readTextFile(`${directory}/${name}.pem`)),
  );
  await Deno.remove(directory, { recursive: true });
  return { cert: cert ?? "", key: key ?? "" };
}

Deno.test("Over TLS the receiver's certificate is checked against its name", async () => {
  const certificate = await makeCertificate();
  await using receiver = startReceiver(ok, certificate);
  const trusting = { ...LOCAL, ca_certs: [certificate.cert] };
  assertEquals(await sendMessage(`${receiver.url}/`, {}, "{}", trusting), { status: 200, error: null });
  assertEquals(await sendMessage(`${receiver.url}/`, {}, "{}", LOCAL), { status: null, error: "tls_failed" });
  assertEquals(
    await sendMessage(receiver.url.replace("localhost", "127.0.0.1"), {}, "{}", trusting),
    { status: null, error: "tls_failed" },
  );
  assertEquals(receiver.received.length, 1);
});

const message: ClaimedMessage = {
  webhook_id: "01a20649-35b1-71a2-ae8b-7cb1ed1b0060",
  id: "01a20649-35cc-71f7-b412-fbe818a17633",
  type: "alert.raised",
  created_at: "2026-11-23T02:00:00+00:00",
  data: { title: "Grüße" },
  url: "https://example.com/",
  secret_versions: [2, 1],
};
const KEY = "a key of a deployment, long enough to be one";

Deno.test("The official library verifies a message with each of its secrets, and no other", async () => {
  const { headers, body } = await serializeMessage(message, KEY, Date.now());
  const verify = async (key: string, version: number, text = body) =>
    new Webhook(serializeSecret(await webhookSecret(key, message.webhook_id, version))).verify(text, headers);
  assertEquals(await verify(KEY, 2), {
    type: "alert.raised",
    timestamp: message.created_at,
    data: message.data,
  });
  assertEquals(await verify(KEY, 1), await verify(KEY, 2));
  for (const wrong of [["another key of a deployment", 2], [KEY, 3]] as const) {
    const secret = serializeSecret(await webhookSecret(wrong[0], message.webhook_id, wrong[1]));
    assertThrows(() => new Webhook(secret).verify(body, headers));
  }
  const secret = serializeSecret(await webhookSecret(KEY, message.webhook_id, 2));
  assertThrows(() => new Webhook(secret).verify(body.replace("alert", "alarm"), headers));
});

Deno.test("Id and body stay the same in every attempt; the time is the attempt's", async () => {
  const first = await serializeMessage(message, KEY, Date.parse("2026-11-23T02:00:01Z"));
  const later = await serializeMessage(message, KEY, Date.parse("2026-11-23T03:00:00Z"));
  assertEquals(first.body, later.body);
  assertEquals(first.headers["webhook-id"], later.headers["webhook-id"]);
  assertEquals(
    [first.headers["webhook-timestamp"], later.headers["webhook-timestamp"]],
    ["1795399201", "1795402800"],
  );
});
