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

function readBaseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new Error("Cannot read OPENAI_BASE_URL: not an http address");
  }
  return text.replace(/\/+$/, "");
}

/**
 * Which model the environment names: `OPENAI_API_KEY`, or `OPENAI_BASE_URL` of a server that needs no key, turns it on;
 * `OPENAI_MODEL` chooses another one, which must take `temperature: 0` and structured outputs.
 *
 * @param source Variables by name, such as `Deno.env.toObject()`.
 * @returns Undefined where there is none: questions are read by the built-in planner alone.
 * @throws Error that names the variable, when the address is none.
 */
export function readModelSettings(
  source: Readonly<Record<string, string | undefined>>,
): ModelSettings | undefined {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL } = source;
  if (!OPENAI_API_KEY && !OPENAI_BASE_URL) return undefined;
  return {
    api_key: OPENAI_API_KEY || "none",
    base_url: readBaseUrl(OPENAI_BASE_URL || "https://api.openai.com/v1"),
    model: OPENAI_MODEL || DEFAULT_MODEL,
    timeout_ms: 4_000,
    deadline_ms: 4_600,
  };
}
