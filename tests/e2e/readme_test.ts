import { assert, assertEquals } from "@std/assert";
import { disposableStack } from "../helpers/api.ts";
import { ROOT } from "../helpers/processes.ts";

/** The shell blocks of "First steps" and the output that the README shows below each. */
function firstSteps(readme: string): { commands: string; shown: string }[] {
  const section = readme.split("\n## First steps\n")[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/```sh\n(.*?)```\n+```json\n(.*?)```/gs)].map((
    [, commands = "", shown = ""],
  ) => ({ commands, shown }));
}

/** The names of the members that an output shows. */
function members(output: string): string[] {
  return [...new Set([...output.matchAll(/"([a-z_]+)":/g)].map(([, name = ""]) => name))];
}

Deno.test("The README's first steps do what it says", async () => {
  await using stack = await disposableStack({ demo: true });
  const steps = firstSteps(await Deno.readTextFile(`${ROOT}README.md`));
  assertEquals(steps.length, 5);
  const directory = await Deno.makeTempDir();
  const mark = "----- next step -----";
  const script = steps.map((step) => step.commands.replace("http://127.0.0.1:54321", stack.url)).join(
    `\necho; echo "${mark}"\n`,
  );
  const { code, stdout, stderr } = await new Deno.Command("bash", { args: ["-euc", script], cwd: directory })
    .output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  const outputs = new TextDecoder().decode(stdout).split(mark).map((text) => JSON.parse(text));
  for (const [index, { shown }] of steps.entries()) {
    const printed = members(JSON.stringify(outputs[index]));
    assertEquals(members(shown).filter((name) => !printed.includes(name)), [], `step ${index}`);
  }
  assert(outputs[0].data.total_events > 100);
  const { found, inserted, state } = outputs[1].data;
  assertEquals({ found, inserted, state }, { found: 3, inserted: 3, state: "done" });
  assertEquals(
    outputs[2].data.map((event: { number: string; status: string }) => [event.number, event.status]),
    [["+447700900002", "missed"]],
  );
  assertEquals([outputs[3].data.value, outputs[3].data.citations], [1, [outputs[2].data[0].id]]);
  assertEquals([outputs[4].code, outputs[4].errors[0].path], ["validation_failed", "colour"]);
  await Deno.remove(directory, { recursive: true });
});
