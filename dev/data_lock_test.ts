import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DataInUseError, lockData } from "./data_lock.ts";

async function withDirectory(fn: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  await fn(`${directory}/data`).finally(() => Deno.remove(directory, { recursive: true }));
}

/** Another process that takes the directory, says so on its standard output, and stays until killed. */
async function lockElsewhere(directory: string): Promise<Deno.ChildProcess> {
  const code = `
    import { lockData } from ${JSON.stringify(import.meta.resolve("./data_lock.ts"))};
    const lock = await lockData(${JSON.stringify(directory)});
    await lock.announce("http://127.0.0.1:1");
    await Deno.stdout.write(new TextEncoder().encode("locked"));
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", `data:text/typescript,${encodeURIComponent(code)}`],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assertEquals(new TextDecoder().decode((await reader.read()).value), "locked");
  reader.releaseLock();
  return child;
}

async function kill(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
}

Deno.test("lockData() lets one in and tells the others who it is", () =>
  withDirectory(async (directory) => {
    const lock = await lockData(directory);
    await lock.announce("http://127.0.0.1:54321");
    const error = await assertRejects(() => lockData(directory), DataInUseError);
    const who = new RegExp(
      `in use by process ${Deno.pid} since \\d{4}-.*, serving http://127\\.0\\.0\\.1:54321$`,
    );
    assertMatch(error.message, who);
    await lock.release();
    await (await lockData(directory)).release();
  }));

Deno.test("lockData() gives the directory to one of many that ask at once", () =>
  withDirectory(async (directory) => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => lockData(directory)));
    const locks = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
    const refusals = results.flatMap((result) => result.status === "rejected" ? [result.reason] : []);
    assertEquals(locks.length, 1);
    assertEquals(refusals.every((reason) => reason instanceof DataInUseError), true);
    await locks[0]?.release();
  }));

Deno.test("lockData() takes over from a process that was killed", () =>
  withDirectory(async (directory) => {
    const child = await lockElsewhere(directory);
    const error = await assertRejects(() => lockData(directory), DataInUseError);
    assertEquals(error.holder?.pid, child.pid);
    await kill(child);
    const lock = await lockData(directory);
    const again = await assertRejects(() => lockData(directory), DataInUseError);
    assertEquals(again.holder?.pid, Deno.pid);
    await lock.release();
  }));
