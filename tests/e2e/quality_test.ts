import { assertEquals } from "@std/assert";
import { QUALITY_COMPONENTS, QualitySchema } from "../../functions/analytics/quality.ts";
import { ApiUser, disposableStack } from "../helpers/api.ts";

Deno.test("quality", async (t) => {
  await using stack = await disposableStack();
  const ann = await ApiUser.signUp(stack, "ann");
  const quality = async () => (await ann.get("/api/analytics/quality")).body.data;

  await t.step("Without data nothing is scored", async () => {
    const data = await quality();
    QualitySchema.parse(data);
    assertEquals(Object.keys(data.components).sort(), [...QUALITY_COMPONENTS].sort());
    assertEquals(data.overall, {
      score: null,
      formula: "mean of the components that could be checked",
      components: [],
    });
  });

  await t.step("A number that could not be read lowers numbers, and is named", async () => {
    const now = Date.now();
    await ann.log(["+447700900001", "+447700900002", "+447700900003"].map((number, i) => ({
      ...{ ts: new Date(now - (i + 1) * 5 * 3_600_000).toISOString(), number, type: "call" },
      ...{ direction: "inbound", duration: 60 },
    })));
    const sound = await quality();
    QualitySchema.parse(sound);
    assertEquals([sound.components.numbers.score, sound.components.numbers.checked], [1, 3]);
    const [bad] = await stack.db.query<{ id: string }>(
      "update public.events set number = '07700900001' where user_id = $1 and number = '+447700900001' returning id",
      [ann.id],
    );
    const { components } = await quality();
    assertEquals(components.numbers, {
      ...sound.components.numbers,
      score: 0.6667,
      failing: 1,
      sample_ids: [bad?.id],
    });
    assertEquals({ ...components, numbers: null }, { ...sound.components, numbers: null });
  });

  await t.step("What is not valid is named", async () => {
    const ask = async (query: string) => (await ann.get(`/api/analytics/quality?${query}`)).body;
    assertEquals((await ask("component=numbers")).errors[0].path, "component");
    assertEquals((await ask("time_zone=Mars/Olympus")).code, "validation_failed");
    assertEquals((await ask("from=2026-05-02T00:00:00Z&to=2026-05-01T00:00:00Z")).code, "range_invalid");
    assertEquals((await ask("from=1826-05-02T00:00:00Z")).code, "range_too_large");
    assertEquals((await ann.withToken("none").get("/api/analytics/quality")).status, 401);
  });
});
