import { assertEquals, assertRejects } from "@std/assert";
import { crc32 as zlibCrc32 } from "node:zlib";
import { inflate } from "../../functions/imports/archive/inflate.ts";
import { concat, fromBase64, toBase64 } from "../../shared/export/bytes.ts";
import { crc32 } from "../../shared/export/crc32.ts";
import { toCsv } from "../../shared/export/csv.ts";
import { packFile, zipDirectory } from "../../shared/export/zip.ts";
import { extract, listZip, unzip } from "../helpers/unzip.ts";

const AT = new Date("2026-11-23T04:05:06Z");
const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("CRC-32 and base64 are what the platform's own say", () => {
  for (const length of [0, 1, 3, 8191, 8192, 8193, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 7919 + length) & 0xff);
    assertEquals(crc32(bytes), zlibCrc32(bytes));
    assertEquals(fromBase64(toBase64(bytes)), bytes);
  }
});

Deno.test("An archive is read by an independent reader", async () => {
  const texts = { "a.json": "[]\n", "größe.csv": "ä,€\r\n".repeat(5000), "empty.csv": "" };
  const packed = await Promise.all(
    Object.entries(texts).map(([name, text]) => packFile(name, 1, encode(text), AT)),
  );
  let offset = 0;
  const placed = packed.map(({ file, bytes }) => {
    const at = { file, offset };
    offset += bytes.length;
    return at;
  });
  const archive = concat([...packed.map(({ bytes }) => bytes), zipDirectory(placed, offset, AT)]);
  const files = [...unzip(archive)].map(([name, content]) => [name, new TextDecoder().decode(content)]);
  assertEquals(files, Object.entries(texts));
});

Deno.test("A bomb is not unpacked further than it says, and what is short is said too", async () => {
  const { file, bytes } = await packFile("a", 0, new Uint8Array(10_000_000), AT);
  const packed = bytes.slice(-file.packed_bytes);
  assertEquals((await inflate(packed, 10_000_000)).length, 10_000_000);
  await assertRejects(() => inflate(packed, 9_999_999), RangeError, "larger");
  await assertRejects(() => inflate(packed, 1000), RangeError, "larger");
  await assertRejects(() => inflate(packed, 10_000_001), RangeError, "smaller");
  await assertRejects(() => inflate(packed.slice(0, packed.length / 2), 10_000_000));
});

/** A file of 5 GB, almost all of it hole, with a packed file at each of these places and the directory behind. */
async function largeArchive(path: string, places: number[], copies: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const packed = await Promise.all(
    places.map((offset) => packFile(`at_${offset}.json`, 1, encode(`[${offset}]`), AT)),
  );
  const placed = packed.flatMap((pack, index) =>
    Array.from({ length: copies }, () => ({ file: pack.file, offset: places[index] ?? 0 }))
  );
  for (const [index, { bytes }] of packed.entries()) {
    await file.seek(places[index] ?? 0, Deno.SeekMode.Start);
    await file.write(bytes);
  }
  const start = (places.at(-1) ?? 0) + 1000;
  await file.seek(start, Deno.SeekMode.Start);
  let directory = zipDirectory(placed, start, AT);
  while (directory.length > 0) directory = directory.subarray(await file.write(directory));
}

/** What Python's own reader says of it; null where there is no Python. */
async function pythonNames(path: string): Promise<unknown> {
  const script =
    "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint(z.testzip(), len(z.namelist()), z.read(z.namelist()[-1]).decode())";
  const { code, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", script, path] }).output()
    .catch(() => ({ code: -1, stdout: new Uint8Array(), stderr: new Uint8Array() }));
  if (code === -1) return null;
  return code === 0 ? new TextDecoder().decode(stdout).trim() : new TextDecoder().decode(stderr);
}

for (
  const [says, places, copies] of [
    ["beyond 4 GB", [0, 4_000_000_000, 4_294_967_295, 5_000_000_000], 1],
    ["of more than 65,535 files", [0, 500], 33_000],
  ] as const
) {
  Deno.test(`An archive ${says} has the ZIP64 records`, async () => {
    const path = await Deno.makeTempFile({ suffix: ".zip" });
    try {
      await largeArchive(path, [...places], copies);
      using file = await Deno.open(path);
      const read = (offset: number, length: number) => {
        const bytes = new Uint8Array(length);
        file.seekSync(offset, Deno.SeekMode.Start);
        file.readSync(bytes);
        return bytes;
      };
      const entries = listZip(read, (await file.stat()).size);
      assertEquals(entries.length, places.length * copies);
      const last = entries.at(-1);
      if (last === undefined) throw new Error("No entry");
      assertEquals(new TextDecoder().decode(extract(read, last)), `[${places.at(-1)}]`);
      const told = copies === 1 ? await pythonNames(path) : null;
      if (told !== null) assertEquals(told, `None ${entries.length} [${places.at(-1)}]`);
    } finally {
      await Deno.remove(path);
    }
  });
}

Deno.test("CSV: quoted where it must be, and nothing that a spreadsheet computes", () => {
  const cells: [unknown, string][] = [
    [null, ""],
    ["", ""],
    ["plain", "plain"],
    [0, "0"],
    [-1.5, "-1.5"],
    [true, "true"],
    ["a,b", '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ["two\nlines", '"two\nlines"'],
    [" padded", '" padded"'],
    [["a", "b"], '"[""a"",""b""]"'],
    ["+447700900001", "+447700900001"],
    ["-5", "-5"],
    ["=1+1", "'=1+1"],
    ["+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["\r=1", `"'\r=1"`],
    ["＝1", "'＝1"],
    ["+", "'+"],
  ];
  for (const [value, text] of cells) {
    assertEquals(toCsv(["a", "b"], [{ a: value as string, b: 1 }]), `a,b\r\n${text},1\r\n`);
  }
});
