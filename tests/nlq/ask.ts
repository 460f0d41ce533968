import type { Env } from "../../shared/env.ts";
import { readEnv } from "../../shared/env.ts";
import type { Stack } from "../../dev/stack.ts";
import { platformVariables } from "../../dev/surfaces.ts";
import type { Question } from "./corpus.ts";
import type { Asker } from "./load.ts";
import type { ResolvedPlan } from "./resolved_plan.ts";

/** What `POST /nlq/query` answered, as far as it is judged. */
export interface Reply {
  readonly status: number;
  readonly id: string | null;
  readonly answer: string | null;
  readonly value: unknown;
  readonly rows: readonly unknown[];
  readonly resolved: ResolvedPlan | null;
  readonly clarification: { readonly question: string; readonly choices: readonly unknown[] } | null;
  readonly planner: string | null;
  /** How the cache served it; null when it did not. */
  readonly cache: string | null;
  /** The code of a problem. */
  readonly code: string | null;
  readonly took_ms: number;
}

interface NlqModule {
  createApp(env: Env, options: { now: () => Date }): {
    request(path: string, init: RequestInit): Response | Promise<Response>;
  };
}

/** Asks as a user would, at any moment. */
export interface Examiner {
  /** Asks the turns that lead to a question, then the question itself; the reply is to the last. */
  ask(question: Question, asker: Asker): Promise<Reply>;
}

const MISSES = new Set<unknown>([undefined, null, false, "", "miss", "none"]);

async function readReply(response: Response, started: number): Promise<Reply> {
  const body = await response.json();
  const took_ms = performance.now() - started;
  const data = body.data ?? {};
  return {
    status: response.status,
    id: data.id ?? null,
    answer: data.answer ?? null,
    value: data.value ?? null,
    rows: data.rows ?? [],
    resolved: data.resolved ?? null,
    clarification: data.clarification ?? null,
    planner: data.planner ?? null,
    cache: MISSES.has(body.meta?.cache) ? null : String(body.meta.cache),
    code: body.code ?? null,
    took_ms,
  };
}

/** The nlq function over a stack, with a clock that stands at the moment of each question. */
export async function createExaminer(stack: Stack): Promise<Examiner> {
  const module: NlqModule = await import(new URL("../../functions/nlq/app.ts", import.meta.url).href);
  let now = new Date(0);
  const app = module.createApp(readEnv(platformVariables(stack.url, stack.keys)), { now: () => now });

  async function post(text: string, question: Question, asker: Asker, context_id: string | null) {
    const started = performance.now();
    const response = await app.request("/nlq/query", {
      method: "POST",
      headers: {
        authorization: `Bearer ${asker.user.token}`,
        apikey: stack.publishable_key,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        question: text,
        ...(question.time_zone !== asker.time_zone && { time_zone: question.time_zone }),
        ...(context_id !== null && { context_id }),
      }),
    });
    return await readReply(response, started);
  }

  return {
    async ask(question, asker) {
      now = new Date(question.now);
      let context_id: string | null = null;
      for (const turn of question.turns ?? []) {
        context_id = (await post(turn, question, asker, context_id)).id ?? context_id;
      }
      return await post(question.question, question, asker, context_id);
    },
  };
}
