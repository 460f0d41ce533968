import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { backupFile } from "../../bench/backup_file.ts";
import { runCommand, startProcess } from "../helpers/processes.ts";

const MESSAGES = 12_000;
const PASSWORD = "a-long-password";

async function signUp(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/v1/signup`, {
    method: "POST",
    headers: { apikey: "sb_publishable_local", "content-type": "application/json" },
    body: JSON.stringify({ email: "ann@example.test", password: PASSWORD }),
  });
  return (await response.json()).access_token;
}

async function data(url: string, path: string, token: string) {
  const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  return await response.json();
}

Deno.test("A stack killed in the middle of an import loses no acknowledged row and doubles none", async () => {
  const directory = await Deno.makeTempDir();
  const file = `${directory}/sms.xml`;
  await Deno.writeFile(file, backupFile(MESSAGES));
  let stack = await startProcess("--port", "0", "--data", `${directory}/data`, "--no-demo");
  const port = new URL(stack.url).port;
  try {
    const token = await signUp(stack.url);
    const importing = runCommand(
      "import",
      "--url",
      stack.url,
      "--email",
      "ann@example.test",
      "--password",
      PASSWORD,
      file,
    );
    let acknowledged = 0;
    while (acknowledged === 0) {
      acknowledged = (await data(stack.url, "/api/imports", token)).data[0]?.inserted ?? 0;
    }
    await stack.end("SIGKILL");
    stack = await startProcess("--port", port, "--data", `${directory}/data`, "--no-demo");
    const kept = (await data(stack.url, "/api/events?limit=1", token)).meta.page.total;
    assert(kept >= acknowledged, `${kept} of ${acknowledged} acknowledged rows are there`);
    assert(kept < MESSAGES, "The import was not finished when the stack was killed");

    const { code, out, err } = await importing;
    assertEquals([code, err], [0, ""]);
    assertStringIncludes(
      out,
      `sms.xml: done, ${MESSAGES} found: ${MESSAGES} inserted, 0 merged, 0 duplicate, 0 refused`,
    );
    assertEquals((await data(stack.url, "/api/events?limit=1", token)).meta.page.total, MESSAGES);
    const again = await runCommand(
      "import",
      "--url",
      stack.url,
      "--email",
      "ann@example.test",
      "--password",
      PASSWORD,
      file,
    );
    assertStringIncludes(again.out, `0 inserted, 0 merged, ${MESSAGES} duplicate`);
  } finally {
    await stack.end("SIGTERM");
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("The import command says what is wrong, and ends with 1", async () => {
  const directory = await Deno.makeTempDir();
  const stack = await startProcess("--port", "0", "--data", ":memory:", "--no-demo");
  try {
    await signUp(stack.url);
    await Deno.writeTextFile(`${directory}/odd.txt`, "just words");
    await Deno.writeTextFile(
      `${directory}/cut.xml`,
      '<calls count="2">\n<call number="1" date="1777636800000" type="1" duration="5"/>\n<call num',
    );
    const sign_in = ["--url", stack.url, "--email", "ann@example.test", "--password", PASSWORD];
    const odd = await runCommand("import", ...sign_in, `${directory}/odd.txt`);
    assertEquals(odd.code, 1);
    assertStringIncludes(odd.err, "kind_unknown");
    const cut = await runCommand("import", ...sign_in, `${directory}/cut.xml`);
    assertEquals(cut.code, 1);
    assertStringIncludes(cut.err, "1 inserted");
    assertStringIncludes(cut.err, "file_truncated");
    const wrong = await runCommand(
      "import",
      "--url",
      stack.url,
      "--email",
      "ann@example.test",
      "--password",
      "wrong",
      `${directory}/cut.xml`,
    );
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.err, "Invalid login credentials");
    assertEquals((await runCommand("import")).code, 2);
    assertEquals((await runCommand("import", "--colour", "red", "x")).code, 2);
  } finally {
    await stack.end("SIGTERM");
    await Deno.remove(directory, { recursive: true });
  }
});
