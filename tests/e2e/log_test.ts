import { assert, assertEquals } from "@std/assert";
import { backupXml } from "../helpers/backup_xml.ts";
import { startProcess } from "../helpers/processes.ts";

const SECRETS = ["Wanda", "447700900555", "07700900555", "blue-lagoon", "a-long-password", "Zanzibar"];

/** A new member of the line is looked at here first: whether it can name anybody. */
const KNOWN = [
  ...[
    "time",
    "level",
    "surface",
    "request_id",
    "trace_id",
    "span_id",
    "parent_id",
    "method",
    "route",
    "status",
    "ms",
  ],
  ...["database_ms", "database_calls", "rows", "cache", "user", "code", "cause", "error", "at"],
];
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

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
      headers: {
        ...keys,
        authorization: `Bearer ${access_token}`,
        "content-type": type,
        traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`,
        tracestate: "vendor=Zanzibar",
        "user-agent": "Wanda/1.0",
        referer: "https://blue-lagoon.test/",
      },
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
    const entry = JSON.parse(line);
    const { time, surface, request_id, status, ms, user, trace_id, span_id, database_ms, database_calls } =
      entry;
    assert(
      time && surface && request_id && status && ms >= 0 && (user === null || /^[0-9a-f]{12}$/.test(user)),
    );
    assertEquals([trace_id, entry.parent_id], [TRACE_ID, "00f067aa0ba902b7"]);
    assert(/^[0-9a-f]{16}$/.test(span_id) && span_id !== entry.parent_id, line);
    assert(
      database_calls === 0 ? database_ms === 0 : database_ms > 0 && database_ms <= ms * database_calls,
      line,
    );
    assertEquals(Object.keys(entry).filter((key) => !KNOWN.includes(key)), [], line);
  }
  const listed = lines.map((line) => JSON.parse(line)).find(({ route }) => route === "/contacts");
  assertEquals(
    [listed.rows, listed.database_calls],
    [1, 2],
    "A list tells its rows; one call was for the limits",
  );
  for (const secret of [...SECRETS, access_token]) {
    assert(!printed.toLowerCase().includes(secret.toLowerCase()), `"${secret}" was printed:\n${printed}`);
  }
});
