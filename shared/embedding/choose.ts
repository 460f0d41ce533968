import type { Env } from "../env.ts";
import type { Embedder } from "./embedder.ts";
import { type EdgeAi, findEdgeAi, gteSmallEmbedder } from "./gte_small.ts";
import { lexicalEmbedder } from "./lexical.ts";
import { DEFAULT_BASE_URL, DEFAULT_MODEL, openAiEmbedder } from "./openai.ts";

/**
 * The embedder of this deployment: OpenAI's with a key (another server only with the name of its embedding model, since it
 * may have none), else the Edge Runtime's where it exists, else the built-in one.
 */
export function chooseEmbedder(
  env: Pick<Env, "openai_api_key" | "openai_base_url" | "openai_embedding_model">,
  ai: EdgeAi | undefined = findEdgeAi(),
): Embedder {
  const { openai_api_key, openai_base_url, openai_embedding_model } = env;
  if (openai_base_url ? openai_embedding_model : openai_api_key) {
    return openAiEmbedder({
      api_key: openai_api_key ?? "none",
      base_url: openai_base_url ?? DEFAULT_BASE_URL,
      model: openai_embedding_model ?? DEFAULT_MODEL,
    });
  }
  return ai ? gteSmallEmbedder(ai) : lexicalEmbedder;
}
