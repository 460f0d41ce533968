import { assert, assertEquals } from "@std/assert";
import { backupXml } from "../helpers/backup_xml.ts";
import { startProcess } from "../helpers/processes.ts";

const SECRETS = ["Wanda", "447700900555", "07700900555", "blue-lagoon", "a-long-password", "Zanzibar"];

Deno.test("Nothing that is printed names a person, a number, a text or a token", async () => {
  const stack = await startProcess("--port", "0", "--data", ":memory:", "--no-demo");
  const keys = { apikey: "sb_publishable_local", "content-type": "application/json" };
  const signed_up = await fetch(`${stack.url}/auth/v1/signup`, {
    method: "POST",
    headers: keys,
    body: JSON.stringify({
      email: "wanda.zanzibar@example.test",
      password: "a-long-password",
      data: { display_name: "Wanda" },
    }),
  });
  const { access_token } = await signed_up.json();
  const call = async (method: string, path: string, body?: string, type = "application/json") => {
    const response = await fetch(stack.url + path, {
      method,
      headers: { ...keys, authorization: `Bearer ${access_token}`, "content-type": type },
      ...(body !== undefined && { body }),
    });
    await response.text();
    return response.status;
  };
  const event = {
    ts: "2026-05-01T10:00:00Z",
    number: "+447700900555",
    type: "sms",
    direction: "inbound",
    content: "blue-lagoon",
    contact_name: "Wanda",
  };
  const statuses = [
    await call("POST", "/api/events", JSON.stringify({ events: [event, { ...event, ts: "blue-lagoon" }] })),
    await call("POST", "/api/events", JSON.stringify({ events: [{ ...event, ts: "blue-lagoon" }] })),
    await call("GET", "/api/events?number=07700900555&colour=Zanzibar"),
    await call("GET", "/api/contacts?q=Wanda"),
    await call("GET", `/api/events/${crypto.randomUUID()}?x=Wanda`),
    await call(
      "POST",
      "/api/imports?filename=Wanda.xml",
      backupXml([{ kind: "sms", number: "07700900555", minute: 1, type: 1, body: "blue-lagoon" }]),
      "text/xml",
    ),
    await call("POST", "/api/imports?filename=Wanda.xml", "blue-lagoon Wanda", "text/plain"),
    await call("GET", "/rest/v1/events?number=eq.Wanda&nothing=eq.blue-lagoon"),
    await call("POST", "/rest/v1/rpc/ingest_events", JSON.stringify({ events: "blue-lagoon" })),
    await call("POST", "/rest/v1/contacts", JSON.stringify({ name: "Wanda" })),
  ];
  assertEquals(statuses.slice(0, 6), [200, 422, 400, 200, 400, 201]);
  await stack.end("SIGTERM");
  const printed = stack.printed();
  const lines = printed.split("\n").filter((line) => line.startsWith("{"));
  assert(lines.length >= 7, "Each request to a function is one line");
  for (const line of lines) {
    const { time, surface, request_id, status, ms, user } = JSON.parse(line);
    assert(
      time && surface && request_id && status && ms >= 0 && (user === null || /^[0-9a-f]{12}$/.test(user)),
    );
  }
  for (const secret of [...SECRETS, access_token]) {
    assert(!printed.toLowerCase().includes(secret.toLowerCase()), `"${secret}" was printed:\n${printed}`);
  }
});
