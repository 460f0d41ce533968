import { assert, assertEquals, assertRejects } from "@std/assert";
import { CursorCodec } from "../../shared/http/cursor.ts";
import { advanceExport } from "../../shared/export/advance.ts";
import { ExportSchema } from "../../functions/privacy/schemas_exports.ts";
import { ApiUser, disposableStack, organization } from "../helpers/api.ts";
import { adminOf, downloadOf, exportOf } from "../helpers/exports.ts";
import { unzip } from "../helpers/unzip.ts";

function call(minute: number, number: string): Record<string, unknown> {
  return {
    ts: new Date(Date.UTC(2026, 4, 1, 0, minute)).toISOString(),
    number,
    type: "call",
    direction: "inbound",
    duration: 60,
  };
}

Deno.test("Exports", async (t) => {
  await using stack = await disposableStack();
  const admin = adminOf(stack);
  const ann = await ApiUser.signUp(stack, "ann");
  const bob = await ApiUser.signUp(stack, "bob");
  await organization(stack, { owner: ann, member: bob });
  await ann.log([call(0, "+447700900001"), call(5, "+447700900002")]);
  await bob.log([call(0, "+447700900999")]);
  const made = await exportOf(ann);
  const bare = (path: string, init: RequestInit = {}) => fetch(path, init);

  await t.step("A teammate's data is never in it", async () => {
    const whole = [...unzip(await downloadOf(ann, made.id)).values()].map((file) =>
      new TextDecoder().decode(file)
    )
      .join("\n");
    assert(whole.includes("+447700900001"));
    assert(!whole.includes("+447700900999"), "Bob's number");
    assert(!whole.includes(bob.id), "Bob's id");
  });

  await t.step("Its state and its list are the owner's alone", async () => {
    ExportSchema.parse(made);
    const { body } = await ann.get("/api/privacy/exports");
    assertEquals([body.data.length, body.data[0].id, body.meta.page.total], [1, made.id, 1]);
    assertEquals((await bob.get("/api/privacy/exports")).body.data, []);
    const replies = [
      await bob.get(`/api/privacy/exports/${made.id}`),
      await bob.get(`/api/privacy/exports/${made.id}/download`),
      await bob.call("DELETE", `/api/privacy/exports/${made.id}`),
      await ann.get(`/api/privacy/exports/${crypto.randomUUID()}`),
    ];
    assertEquals(
      replies.map(({ status, body }) => [status, body.code]),
      replies.map(() => [404, "export_not_found"]),
    );
    const anonymous = await bare(`${stack.url}/api/privacy/exports/${made.id}/download`);
    assertEquals([anonymous.status, (await anonymous.json()).code], [401, "not_authenticated"]);
  });

  await t.step(
    "The link needs no token, gives any range of bytes, and is the same within the hour",
    async () => {
      const archive = await downloadOf(ann, made.id);
      const { data: { download } } = (await ann.get(`/api/privacy/exports/${made.id}`)).body;
      assert(Date.parse(download.expires_at) > Date.now() + 3_500_000);
      assert(Date.parse(download.expires_at) <= Date.now() + 7_200_000);
      const whole = await bare(download.url);
      assertEquals([whole.status, whole.headers.get("content-type"), whole.headers.get("cache-control")], [
        200,
        "application/zip",
        "private, no-store",
      ]);
      assertEquals(
        whole.headers.get("content-disposition"),
        `attachment; filename="phonelog-export-${made.requested_at.slice(0, 10)}.zip"`,
      );
      assertEquals(new Uint8Array(await whole.arrayBuffer()), archive);
      for (
        const [range, start, end] of [["bytes=10-19", 10, 20], ["bytes=500-", 500, archive.length], [
          "bytes=-7",
          archive.length - 7,
          archive.length,
        ], ["bytes=0-99999999", 0, archive.length]] as const
      ) {
        const piece = await bare(download.url, { headers: { range } });
        assertEquals([piece.status, piece.headers.get("content-range")], [
          206,
          `bytes ${start}-${end - 1}/${archive.length}`,
        ]);
        assertEquals(new Uint8Array(await piece.arrayBuffer()), archive.slice(start, end));
      }
      const beyond = await bare(download.url, { headers: { range: `bytes=${archive.length}-` } });
      assertEquals([beyond.status, (await beyond.json()).code], [416, "byte_range_invalid"]);
    },
  );

  await t.step(
    "A link that is over, changed, of another purpose or of another secret leads nowhere",
    async () => {
      const { data: { download } } = (await ann.get(`/api/privacy/exports/${made.id}`)).body;
      const base = download.url.slice(0, download.url.lastIndexOf("/") + 1);
      const codec = new CursorCodec(stack.secret_key);
      const later = String(Date.now() + 60_000);
      const sign = (key: string[], scope: string[], by = codec) => by.encode({ key, backward: false }, scope);
      const at = async (token: string) => {
        const reply = await bare(base + token);
        const code = reply.ok ? (await reply.body?.cancel(), "") : (await reply.json()).code;
        return [reply.status, code];
      };
      assertEquals(await at(await sign([made.id, later], ["export download"])), [200, ""]);
      assertEquals(await at(await sign([made.id, "1"], ["export download"])), [410, "export_expired"]);
      assertEquals(await at(await sign([made.id, later], ["exports", ann.id])), [404, "export_not_found"]);
      assertEquals(await at(await sign([made.id, later], ["export download"], new CursorCodec("x"))), [
        404,
        "export_not_found",
      ]);
      assertEquals(await at(await sign([crypto.randomUUID(), later], ["export download"])), [
        404,
        "export_not_found",
      ]);
      assertEquals(await at("nonsense"), [404, "export_not_found"]);
      const [payload, signature] = download.url.slice(base.length).split(".");
      assertEquals(await at(`${payload}A.${signature}`), [404, "export_not_found"]);
    },
  );

  await t.step("Asking and downloading are in the audit log", async () => {
    const rows = await stack.db.query<{ action: string; actor_type: string; by: string | null }>(
      `select distinct action, actor_type, details ->> 'by' as by from public.audit_log
        where owner_id = $1 and action like 'export.%' order by 1, 2`,
      [ann.id],
    );
    assertEquals(rows.map(({ action, actor_type, by }) => [action, actor_type, by]), [
      ["export.downloaded", "service", "link"],
      ["export.downloaded", "user", "token"],
      ["export.requested", "user", null],
    ]);
  });

  await t.step("One that was killed goes on where it was; two at once do not work on the same", async () => {
    const carol = await ApiUser.signUp(stack, "carol");
    await carol.log([call(0, "+447700900001"), call(5, "+447700900002")]);
    const whole = await exportOf(carol);
    const asked = await stack.fetch("/rest/v1/rpc/request_export", {
      method: "POST",
      headers: {
        authorization: `Bearer ${carol.token}`,
        apikey: stack.publishable_key,
        "content-type": "application/json",
      },
      body: "{}",
    });
    const { id } = await asked.json();
    assertEquals(await advanceExport(admin, { export_id: id, budget_ms: 0.000001 }), {
      outcome: "more",
      parts: 1,
    });
    // Killed: it never releases what it has claimed.
    const claim = await admin.rpc<{ lease: string; next_part: number; table_index: number }>("claim_export", {
      export_id: id,
    });
    assertEquals([claim.next_part, claim.table_index], [2, 1]);
    assertEquals(await advanceExport(admin, { export_id: id }), { outcome: "idle", parts: 0 });
    await stack.db.query(
      "update public.data_exports set lease_until = now() - interval '1 second' where id = $1",
      [id],
    );
    assertEquals((await advanceExport(admin, { export_id: id })).outcome, "done");
    await assertRejects(
      () =>
        admin.rpc("add_export_part", {
          export_id: id,
          lease: claim.lease,
          part: 2,
          content: "",
          files: [],
          place: {},
        }),
      Error,
      "Somebody else works on this export",
    );
    const first = unzip(await downloadOf(carol, whole.id));
    const second = unzip(await downloadOf(carol, id));
    assertEquals([...second.keys()], [...first.keys()]);
    assertEquals(second.get("events.json"), first.get("events.json"));
  });

  await t.step("What is written while it is made is left out", async () => {
    const dora = await ApiUser.signUp(stack, "dora");
    await dora.log([call(0, "+447700900001")]);
    const { body: { id } } = await dora.post("/rest/v1/rpc/request_export", {});
    await advanceExport(admin, { export_id: id, budget_ms: 0.000001 });
    await dora.log([call(7, "+447700900002")]);
    await advanceExport(admin, { export_id: id });
    const files = unzip(await downloadOf(dora, id));
    const events = JSON.parse(new TextDecoder().decode(files.get("events.json")));
    assertEquals(events.map((event: { number: string }) => event.number), ["+447700900001"]);
    assert(!new TextDecoder().decode(files.get("contact_numbers.csv")).includes("900002"));
  });

  await t.step("One at a time, five a day, three archives, and what is deleted is gone", async () => {
    const eve = await ApiUser.signUp(stack, "eve");
    const { body: { id } } = await eve.post("/rest/v1/rpc/request_export", {});
    const busy = await eve.post("/api/privacy/exports", {});
    assertEquals([busy.status, busy.body.code], [409, "export_in_progress"]);
    const early = await eve.get(`/api/privacy/exports/${id}/download`);
    assertEquals([early.status, early.body.code], [409, "export_not_ready"]);
    const removed = await eve.call("DELETE", `/api/privacy/exports/${id}`);
    assertEquals([removed.status, removed.body.data], [200, { id, deleted: true }]);
    await assertRejects(() => admin.rpc("export_user_data_page", { table_name: "events", export_id: id }));
    const made = [await exportOf(eve), await exportOf(eve), await exportOf(eve), await exportOf(eve)];
    const limit = await eve.post("/api/privacy/exports", {});
    assertEquals([limit.status, limit.body.code], [429, "export_limit_reached"]);
    const states = (await eve.get("/api/privacy/exports")).body.data.map((entry: { state: string }) =>
      entry.state
    );
    assertEquals(states, ["done", "done", "done", "expired"]);
    const old = await eve.get(`/api/privacy/exports/${made[0].id}/download`);
    assertEquals([old.status, old.body.code], [410, "export_expired"]);
    const { download } = made[3];
    assertEquals((await eve.call("DELETE", `/api/privacy/exports/${made[3].id}`)).status, 200);
    const gone = await bare(download.url);
    assertEquals([gone.status, (await gone.json()).code], [404, "export_not_found"]);
    const [parts] = await stack.db.query<{ parts: number }>(
      "select count(*)::integer as parts from private.export_parts where export_id = $1",
      [made[3].id],
    );
    assertEquals(parts?.parts, 0);
  });

  await t.step("When its time is over the job deletes it", async () => {
    const fay = await ApiUser.signUp(stack, "fay");
    const { id, download } = await exportOf(fay);
    await stack.db.query("update public.data_exports set expires_at = now() where id = $1", [id]);
    const [done] = await stack.db.query<{ result: unknown }>(
      "select private.job_expire_exports(now() + interval '1 minute') as result",
    );
    assertEquals(done?.result, { expired: 1, removed: 0, more: false });
    assertEquals((await fay.get(`/api/privacy/exports/${id}`)).body.data.state, "expired");
    const over = await bare(download.url);
    assertEquals(over.status, 404);
    await over.body?.cancel();
  });
});
