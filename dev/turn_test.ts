import { assertEquals, assertRejects } from "@std/assert";
import { Turn } from "./turn.ts";

Deno.test("Turn lets one in at a time, in the order of asking", async () => {
  const turn = new Turn();
  const order: string[] = [];
  const visit = (name: string) =>
    turn.take(async () => {
      order.push(`${name} in`);
      await Promise.resolve();
      order.push(`${name} out`);
    });
  await Promise.all([visit("a"), visit("b")]);
  assertEquals(order, ["a in", "a out", "b in", "b out"]);
});

Deno.test("Turn goes on after a failure", async () => {
  const turn = new Turn();
  await assertRejects(() => turn.take(() => Promise.reject(new Error("no"))), Error, "no");
  assertEquals(await turn.take(() => Promise.resolve(1)), 1);
});

Deno.test("Turn refuses one who has it already, instead of waiting for ever", async () => {
  const turn = new Turn();
  await assertRejects(
    () => turn.take(() => turn.take(() => Promise.resolve())),
    Error,
    "inside its own transaction",
  );
});
