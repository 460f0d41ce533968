import type OpenAI from "openai";
import { ModelFailure } from "./failure.ts";
import type { Message } from "./prompt.ts";
import { REPLY_SCHEMA } from "./schema.ts";
import type { ModelSettings } from "./settings.ts";

/** A full plan has about 350 tokens. */
const MAX_TOKENS = 1_000;

/** Not worth another try: no model answers in less. */
const SHORTEST_TRY_MS = 1_000;

const PAUSE_MS = 100;

/** A failure that may pass, and how long the server wants to be left alone. */
class Passing extends Error {
  constructor(readonly failure: ModelFailure, readonly pause_ms: number) {
    super(failure.message);
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

/** Runs a task that is given up after some time, however deaf it is to its signal. */
async function within<T>(
  ms: number,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const late = wait(ms, signal).then(() => {
    throw new ModelFailure("timeout", `The model took over ${ms} ms`);
  });
  try {
    return await Promise.race([task(signal), late]);
  } finally {
    controller.abort();
    late.catch(() => {});
  }
}

function pauseOf(headers: Headers | undefined): number {
  const seconds = Number(headers?.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(seconds * 1_000, PAUSE_MS) : PAUSE_MS;
}

function failureOf(error: unknown, api: typeof OpenAI): Error {
  if (error instanceof ModelFailure) {
    return error.reason === "timeout" ? new Passing(error, 0) : error;
  }
  if (error instanceof api.RateLimitError) {
    const failure = new ModelFailure("rate_limited", "The model's rate limit is reached", { cause: error });
    // A quota that is used up does not come back in a second.
    return error.code === "insufficient_quota" ? failure : new Passing(failure, pauseOf(error.headers));
  }
  if (error instanceof api.APIError) {
    const failure = new ModelFailure("unavailable", `The model answered ${error.status ?? "nothing"}`, {
      cause: error,
    });
    const mayPass = error.status === undefined || error.status >= 500 || error.status === 408;
    return mayPass ? new Passing(failure, pauseOf(error.headers)) : failure;
  }
  return new ModelFailure("unavailable", "The model's answer could not be read", { cause: error });
}

function contentOf(completion: OpenAI.Chat.ChatCompletion): string {
  const choice = completion.choices?.[0];
  if (choice?.message?.refusal || choice?.finish_reason === "content_filter") {
    throw new ModelFailure("refused", "The model refused");
  }
  if (choice?.finish_reason === "length") {
    throw new ModelFailure("truncated", "The model's answer was cut off");
  }
  const content = choice?.message?.content;
  if (typeof content !== "string") throw new ModelFailure("invalid", "The model answered nothing");
  return content;
}

/**
 * Asks a model for a reply in the words of `REPLY_SCHEMA`. One more try after 429, 5xx, a broken connection or a
 * time-out, and only where it would still be in time.
 *
 * @returns The text of the reply, as it came.
 * @throws ModelFailure
 */
export async function ask(
  messages: readonly Message[],
  settings: ModelSettings,
  signal: AbortSignal = new AbortController().signal,
): Promise<string> {
  const ends = performance.now() + settings.deadline_ms;
  // Loading it takes a while and most questions need none.
  const { default: api } = await import("openai").catch((cause) => {
    throw new ModelFailure("unavailable", "The client of the model could not be loaded", { cause });
  });
  const client = new api({
    apiKey: settings.api_key,
    baseURL: settings.base_url,
    organization: null,
    project: null,
    maxRetries: 0,
    logLevel: "off",
  });
  const tryOnce = async () => {
    const left = Math.ceil(Math.min(settings.timeout_ms, ends - performance.now()));
    try {
      const completion = await within(left, signal, (until) =>
        client.chat.completions.create({
          model: settings.model,
          messages: [...messages],
          temperature: 0,
          // The newer name of this limit is not known to all servers.
          max_tokens: MAX_TOKENS,
          response_format: {
            type: "json_schema",
            json_schema: { name: "plan", strict: true, schema: REPLY_SCHEMA },
          },
        }, { signal: until, timeout: left + 1_000 }));
      return contentOf(completion);
    } catch (error) {
      throw failureOf(error, api);
    }
  };
  try {
    return await tryOnce();
  } catch (error) {
    if (!(error instanceof Passing)) throw error;
    const left = ends - performance.now() - error.pause_ms;
    if (left < SHORTEST_TRY_MS || signal.aborted) throw error.failure;
    await wait(error.pause_ms, signal);
  }
  return await tryOnce().catch((error) => {
    throw error instanceof Passing ? error.failure : error;
  });
}
