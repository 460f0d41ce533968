import { assertEquals } from "@std/assert";
import { modelSettings } from "./settings.ts";

Deno.test("Without a key and an address there is no model", () => {
  assertEquals(modelSettings({}), undefined);
  assertEquals(modelSettings({ openai_model: "x" }), undefined);
});

Deno.test("A key is enough, and so is the address of a server that needs none", () => {
  const hosted = modelSettings({ openai_api_key: "sk-1" });
  assertEquals([hosted?.api_key, hosted?.base_url], ["sk-1", "https://api.openai.com/v1"]);
  const local = modelSettings({ openai_base_url: "http://127.0.0.1:11434/v1", openai_model: "qwen3" });
  assertEquals([local?.api_key, local?.base_url, local?.model], [
    "none",
    "http://127.0.0.1:11434/v1",
    "qwen3",
  ]);
});
