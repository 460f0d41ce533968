interface EdgeRuntime {
  waitUntil(work: Promise<unknown>): void;
}

/** What the Edge Runtime offers and asks of a request; undefined elsewhere, where nothing is limited. */
export interface Platform {
  /** Lets work go on behind the answer. */
  waitUntil(work: Promise<unknown>): void;
  /** Work of its own that a request may do: half of the platform's limit of 2 s of CPU. */
  readonly budget_ms: number;
}

const runtime = (globalThis as { EdgeRuntime?: EdgeRuntime }).EdgeRuntime;

export const platform: Platform | undefined = runtime &&
  { waitUntil: (work) => runtime.waitUntil(work), budget_ms: 1000 };
