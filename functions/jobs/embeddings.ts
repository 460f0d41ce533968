import { chooseEmbedder } from "../../shared/embedding/choose.ts";
import { EmbeddingFailure } from "../../shared/embedding/embedder.ts";
import type { JobContext, JobResult } from "./job.ts";

const BATCH = 100;

interface Waiting {
  readonly user_id: string;
  readonly query_id: string;
  readonly text: string;
}

async function embed(texts: string[], env: JobContext["env"]): Promise<number[][] | EmbeddingFailure> {
  try {
    return await chooseEmbedder(env).embed(texts);
  } catch (error) {
    if (error instanceof EmbeddingFailure) return error;
    throw error;
  }
}

/** Makes the vectors of questions that could not be made while somebody waited. The queue keeps what fails for later. */
export async function run({ env, admin }: JobContext): Promise<JobResult> {
  const { model, version } = chooseEmbedder(env);
  const waiting = await admin.rpc<Waiting[]>("claim_embeddings", { model, batch: BATCH });
  if (waiting.length === 0) return { stored: 0, failed: 0 };
  const vectors = await embed(waiting.map(({ text }) => text), env);
  const embeddings = waiting.map(({ user_id, query_id }, index) => {
    if (vectors instanceof EmbeddingFailure) return { user_id, query_id, error: vectors.reason };
    const embedding = vectors[index];
    return embedding?.some((value) => value !== 0)
      ? { user_id, query_id, embedding }
      : { user_id, query_id, error: "no_words" };
  });
  const counts = await admin.rpc<{ stored: number; failed: number }>("store_embeddings", {
    model,
    version,
    embeddings,
  });
  return { ...counts, more: waiting.length === BATCH && counts.stored > 0 };
}
