import { checkVectors, type Embedder, EmbeddingFailure } from "./embedder.ts";

/** The Edge Runtime's built-in inference. */
export interface EdgeAi {
  readonly Session: new (model: string) => {
    run(text: string, options: { mean_pool: boolean; normalize: boolean }): Promise<unknown>;
  };
}

/** `Supabase.ai`, where this runs in the Edge Runtime. */
export function findEdgeAi(scope: unknown = globalThis): EdgeAi | undefined {
  const ai = (scope as { Supabase?: { ai?: Partial<EdgeAi> } }).Supabase?.ai;
  return typeof ai?.Session === "function" ? ai as EdgeAi : undefined;
}

/** Vectors of gte-small (384 dimensions, English), which the Edge Runtime brings along. */
export function gteSmallEmbedder(ai: EdgeAi): Embedder {
  // The model stays loaded in the worker.
  let session: InstanceType<EdgeAi["Session"]> | undefined;
  return {
    model: "gte-small",
    version: "1",
    inline: true,
    async embed(texts) {
      const vectors: unknown[] = [];
      try {
        session ??= new ai.Session("gte-small");
        for (const text of texts) vectors.push(await session.run(text, { mean_pool: true, normalize: true }));
      } catch (error) {
        throw new EmbeddingFailure("unavailable", "The built-in model did not run", { cause: error });
      }
      return checkVectors(vectors, texts.length);
    },
  };
}
