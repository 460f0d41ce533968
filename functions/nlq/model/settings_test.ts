import { assertEquals, assertThrows } from "@std/assert";
import { readModelSettings } from "./settings.ts";

Deno.test("Without a key and an address there is no model", () => {
  assertEquals(readModelSettings({}), undefined);
  assertEquals(readModelSettings({ OPENAI_API_KEY: "", OPENAI_MODEL: "x" }), undefined);
});

Deno.test("A key is enough, and so is the address of a server that needs none", () => {
  const hosted = readModelSettings({ OPENAI_API_KEY: "sk-1" });
  assertEquals([hosted?.api_key, hosted?.base_url], ["sk-1", "https://api.openai.com/v1"]);
  const local = readModelSettings({ OPENAI_BASE_URL: "http://127.0.0.1:11434/v1/", OPENAI_MODEL: "qwen3" });
  assertEquals([local?.api_key, local?.base_url, local?.model], [
    "none",
    "http://127.0.0.1:11434/v1",
    "qwen3",
  ]);
});

Deno.test("An address that is none stops the start and is named", () => {
  for (const OPENAI_BASE_URL of ["localhost:1234", "file:///etc/passwd", "x"]) {
    assertThrows(() => readModelSettings({ OPENAI_BASE_URL }), Error, "OPENAI_BASE_URL");
  }
});
