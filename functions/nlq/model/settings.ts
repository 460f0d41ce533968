import type { Env } from "../../../shared/env.ts";

/** Which model is asked, and for how long. */
export interface ModelSettings {
  readonly api_key: string;
  /** Without a trailing slash; any server that speaks the chat completions of OpenAI. */
  readonly base_url: string;
  readonly model: string;
  /** Of one try. */
  readonly timeout_ms: number;
  /** Of all tries and waits together. */
  readonly deadline_ms: number;
}

/** Follows instructions at temperature 0 and fills a schema within the time there is. */
const DEFAULT_MODEL = "gpt-4.1-mini";

/**
 * Which model the environment names: a key, or the address of a server that needs none, turns it on.
 *
 * @returns Undefined where there is none: questions are read by the built-in planner alone.
 */
export function modelSettings(
  env: Pick<Env, "openai_api_key" | "openai_base_url" | "openai_model">,
): ModelSettings | undefined {
  const { openai_api_key, openai_base_url, openai_model } = env;
  if (openai_api_key === undefined && openai_base_url === undefined) return undefined;
  return {
    api_key: openai_api_key ?? "none",
    base_url: openai_base_url ?? "https://api.openai.com/v1",
    model: openai_model ?? DEFAULT_MODEL,
    timeout_ms: 4_000,
    deadline_ms: 4_600,
  };
}
