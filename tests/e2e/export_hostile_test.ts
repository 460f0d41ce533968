import { assert, assertEquals } from "@std/assert";
import { concat } from "../../shared/export/bytes.ts";
import { FORMAT, MANIFEST_NAME } from "../../shared/export/manifest.ts";
import { type PackedFile, packFile, zipDirectory } from "../../shared/export/zip.ts";
import { ApiUser, disposableStack, type Reply } from "../helpers/api.ts";
import { downloadOf, exportOf, importInParts } from "../helpers/exports.ts";

const AT = new Date("2026-11-01T00:00:00Z");
const encode = (text: string) => new TextEncoder().encode(text);

/** What goes into a forged archive: rows of a table under a name; what the manifest says of them may be changed. */
interface Forged {
  readonly table: string;
  readonly name?: string;
  readonly content: string;
  readonly rows: number;
  readonly promise?: Partial<{ name: string; rows: number; bytes: number; sha256: string }>;
}

/** An archive as an export writes it, with whatever files somebody would like. */
async function forge(
  files: Forged[],
  manifest_change: Record<string, unknown> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await Promise.all(
    files.map(({ name, table, rows, content }) =>
      packFile(name ?? `${table}.json`, rows, encode(content), AT)
    ),
  );
  const manifest = await packFile(
    MANIFEST_NAME,
    0,
    encode(JSON.stringify({
      format: FORMAT,
      version: 1,
      tables: files.map(({ table, promise }, index) => {
        const { name, rows, bytes, sha256 } = packed[index]?.file as PackedFile;
        return { name: table, files: [{ name, rows, bytes, sha256, ...promise }] };
      }),
      ...manifest_change,
    })),
    AT,
  );
  const pieces = [manifest, ...packed];
  let offset = 0;
  const placed = pieces.map(({ file, bytes }) => {
    const at = { file, offset };
    offset += bytes.length;
    return at;
  });
  return concat([...pieces.map(({ bytes }) => bytes), zipDirectory(placed, offset, AT)]);
}

function rowsOf(table: string, rows: unknown[]): Forged {
  return { table, rows: rows.length, content: JSON.stringify(rows) };
}

const EVENT = {
  id: "01a20483-b161-72f1-9dbd-544db49da71b",
  ts: "2026-05-01T13:00:00+00:00",
  number: "+447700900001",
  type: "call",
  direction: "inbound",
  status: "answered",
  duration: 61,
  source: "backup",
  sources: ["backup"],
  metadata: {},
  fingerprint: "01a20483-b161-72f1-9dbd-544db49da71b",
};

/** State and code of the fault, or the problem's code where there is no import. */
function outcome({ status, body }: Reply): unknown[] {
  const taken = body.import ?? body.data;
  return [status, taken?.state ?? body.code, taken?.errors.at(-1)?.code];
}

Deno.test("Archives that no export wrote", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  await ann.log(
    [{ ...EVENT, ts: "2026-05-01T12:00:00Z", status: undefined, fingerprint: undefined }].map((event) => ({
      ts: event.ts,
      number: event.number,
      type: "call",
      direction: "inbound",
      duration: 61,
    })),
  );
  const true_archive = await downloadOf(ann, (await exportOf(ann)).id);
  let people = 0;
  const fresh = () => ApiUser.signUp(stack, `person${++people}`);

  await t.step("A forged archive that keeps to the form is taken in as its sender's own", async () => {
    const bob = await fresh();
    const taken = await importInParts(bob, await forge([rowsOf("events", [{ ...EVENT, user_id: ann.id }])]));
    assertEquals(outcome(taken), [200, "done", undefined]);
    const { body } = await bob.get("/api/events");
    assertEquals([body.data.length, body.data[0].user_id], [1, bob.id]);
    assertEquals((await ann.get("/api/events")).body.data.length, 1);
  });

  await t.step("Each kind of damage and deceit is said, and nothing of its file is kept", async () => {
    const flipped = true_archive.slice();
    const name = encode("events.json");
    const middle = name.length + 5 +
      flipped.findIndex((_, at) => name.every((byte, index) => flipped[at + index] === byte));
    flipped[middle] = (flipped[middle] ?? 0) ^ 0xff;
    const header = true_archive.slice();
    header[6] = 0x09;
    const streamed = true_archive.slice();
    streamed[6] = 0x08;
    const unsure = true_archive.slice();
    unsure[14] = (unsure[14] ?? 0) ^ 0xff;
    const strange = await packFile("notes.txt", 0, encode("Hello"), AT);
    const bomb_bytes = 512 * 1024 * 1024;
    const cases: Record<string, [archive: Uint8Array<ArrayBuffer>, outcome: unknown[]]> = {
      "cut off": [true_archive.slice(0, true_archive.length / 2), [422, "failed", "file_truncated"]],
      "a flipped byte": [flipped, [422, "failed", "archive_corrupt"]],
      "another CRC of the manifest": [unsure, [422, "failed", "archive_corrupt"]],
      "encrypted": [header, [422, "failed", "kind_unknown"]],
      "packed by a program that leaves sizes out": [streamed, [422, "failed", "kind_unknown"]],
      "any other ZIP": [
        concat([strange.bytes, zipDirectory([{ file: strange.file, offset: 0 }], strange.bytes.length, AT)]),
        [422, "failed", "kind_unknown"],
      ],
      "another format": [await forge([], { format: "other" }), [422, "failed", "kind_unknown"]],
      "a later version": [await forge([], { version: 2 }), [422, "failed", "kind_unknown"]],
      "a manifest that is no object": [await forge([], { tables: "none" }), [422, "failed", "kind_unknown"]],
      "a path out of the folder": [
        await forge([{ ...rowsOf("events", [EVENT]), name: "../../../etc/passwd" }]),
        [422, "failed", "kind_unknown"],
      ],
      "a path that the manifest does not name": [
        await forge([{
          ...rowsOf("events", [EVENT]),
          name: "../events.json",
          promise: { name: "events.json" },
        }]),
        [422, "failed", "archive_corrupt"],
      ],
      "another hash": [
        await forge([{ ...rowsOf("events", [EVENT]), promise: { sha256: "0".repeat(64) } }]),
        [422, "failed", "archive_corrupt"],
      ],
      "another number of rows": [
        await forge([{ ...rowsOf("events", [EVENT]), promise: { rows: 2 } }]),
        [422, "failed", "archive_corrupt"],
      ],
      "no rows at all": [await forge([{ table: "events", rows: 1, content: '{"a": 1}' }]), [
        422,
        "failed",
        "archive_corrupt",
      ]],
      "a time of tomorrow year": [
        await forge([rowsOf("events", [{ ...EVENT, ts: "2036-05-01T13:00:00Z" }])]),
        [422, "done", undefined],
      ],
      "a type that is none": [
        await forge([rowsOf("events", [{ ...EVENT, type: "fax" }])]),
        [422, "failed", "archive_row_invalid"],
      ],
      "an id that is none": [
        await forge([rowsOf("contacts", [{ id: "me", name: "A", tags: [], also_known_as: [] }])]),
        [422, "failed", "archive_row_invalid"],
      ],
      "somebody else's contact": [
        await forge([rowsOf("privacy_rules", [{
          contact_id: (await ann.get("/api/contacts")).body.data[0].id,
          visibility: "public",
          mask_number: false,
          mask_content: false,
        }])]),
        [422, "failed", "archive_row_invalid"],
      ],
      "a file that unpacks to more than it says": [
        await (async () => {
          const archive = await forge([
            rowsOf("events", [{ ...EVENT, metadata: { a: "x".repeat(100_000) } }]),
          ]);
          const at = archive.findLastIndex((byte, index) =>
            byte === 0x50 && archive[index + 1] === 0x4b && archive[index + 2] === 3
          );
          new DataView(archive.buffer).setUint32(at + 22, 1000, true);
          return archive;
        })(),
        [422, "failed", "archive_corrupt"],
      ],
      "a bomb": [
        await (async () => {
          const archive = await forge([rowsOf("events", [EVENT])]);
          const at = archive.findLastIndex((byte, index) =>
            byte === 0x50 && archive[index + 1] === 0x4b && archive[index + 2] === 3
          );
          new DataView(archive.buffer).setUint32(at + 22, bomb_bytes, true);
          return archive;
        })(),
        [422, "failed", "archive_too_dense"],
      ],
      "a file larger than a page": [
        await forge([{ table: "events", rows: 0, content: `[${" ".repeat(5_000_000)}]` }]),
        [422, "failed", "archive_too_dense"],
      ],
      "many small bombs": [
        await forge(Array.from({ length: 12 }, (_, page) => ({
          table: "events",
          name: `events-${page + 2}.json`,
          rows: 0,
          content: `[${" ".repeat(4_000_000)}]`,
        }))),
        [422, "failed", "archive_too_dense"],
      ],
    };
    for (const [name, [archive, expected]] of Object.entries(cases)) {
      const bob = await fresh();
      const reply = await importInParts(bob, archive);
      assertEquals([name, ...outcome(reply)], [name, ...expected]);
      assert(!JSON.stringify(reply.body).includes("passwd"), name);
      const [kept] = await stack.db.query<{ rows: number }>(
        `select (select count(*) from public.events where user_id = $1 and source <> 'api')::integer
              + (select count(*) from public.privacy_rules where user_id = $1)::integer as rows`,
        [bob.id],
      );
      assertEquals([name, kept?.rows], [name, 0]);
    }
  });

  await t.step("Parts of any size read the same", async () => {
    const archive = await forge([rowsOf("events", [EVENT])]);
    for (const size of [7, 50, 333]) {
      const bob = await fresh();
      const taken = await importInParts(bob, archive, size);
      assertEquals([outcome(taken), taken.body.data.inserted], [[200, "done", undefined], 1]);
    }
  });

  await t.step(
    "What was announced as an archive must be one, and as something else must be that",
    async () => {
      const bob = await fresh();
      const text = await bob.call("POST", "/api/imports?kind=phonelog_export", { body: "ts,number\n1,2\n" });
      assertEquals(outcome(text), [422, "failed", "kind_mismatch"]);
      const archive = await bob.call("POST", "/api/imports?kind=csv", { body: true_archive });
      assertEquals(outcome(archive), [422, "failed", "kind_unknown"]);
    },
  );

  await t.step("Where the reading stands may have been written by the importer himself", async () => {
    const states = [
      { files: 7 },
      { carry: "%%%" },
      { skip: -5 },
      { seen: 1e9, files: [] },
      { files: [{}], seen: 0 },
      { sources: null, is_done: "yes" },
    ];
    for (const state of states) {
      const bob = await fresh();
      const { body: { data: { id } } } = await bob.post("/api/imports", { filename: "a.zip" });
      await bob.post("/rest/v1/rpc/advance_import", {
        import_id: id,
        part: 0,
        part_digest: "x",
        result: {
          kind: "phonelog_export",
          final: false,
          parser: {
            kind: "phonelog_export",
            carry: "",
            skip: 0,
            files: null,
            seen: 0,
            sources: {},
            is_done: false,
            ...state,
          },
        },
      });
      const reply = await bob.call("PUT", `/api/imports/${id}/parts/1`, { body: true_archive });
      assert([200, 422].includes(reply.status), JSON.stringify([state, reply.body]));
      assertEquals(
        (await bob.get("/api/events")).body.data.length,
        reply.status === 200 && "skip" in state ? 1 : 0,
      );
    }
  });

  await t.step("A source and a mapping of another account stay where they are", async () => {
    const bob = await fresh();
    const [source] = await stack.db.query<{ id: string }>(
      "select id from public.sync_sources where user_id = $1",
      [ann.id],
    );
    const archive = await forge([
      rowsOf("coverage", [{
        sync_source_id: source?.id,
        type: "call",
        covered: [{ from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" }],
      }]),
    ]);
    assertEquals(outcome(await importInParts(bob, archive))[0], 422);
    assertEquals((await ann.get("/api/sync/coverage")).body.data, []);
  });
});
