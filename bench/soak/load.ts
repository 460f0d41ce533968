import { HttpClient } from "../harness/http_client.ts";
import { people, type PopulationSpec } from "../population.ts";
import { type ClientState, drawRoute, type SoakRoute } from "./requests.ts";
import type { StackProcess } from "./stack_process.ts";

/** What became of a request. */
export interface Outcome {
  readonly route: string;
  /** 0 where no whole answer came. */
  readonly status: number;
  /** From when it was to be sent to the last byte of its answer. */
  readonly ms: number;
  /** `performance.now()` of its sending. */
  readonly sent: number;
  /** The server said that it is stopping, or was not there. */
  readonly is_refused: boolean;
  readonly cause?: string;
}

/** Requests that take longer than this count as not answered. */
const PATIENCE_MS = 60_000;

/** The same numbers for the same seed (xorshift). */
function draws(seed: number): () => number {
  let state = (seed + 1) * 2654435761 >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

/** One client: who it is, and its connections, from an address of its own as in life (Linux: all of 127/8 is here). */
interface Client extends ClientState {
  readonly connections: Deno.HttpClient;
}

function addressOf(place: number): string {
  return `127.0.${1 + Math.floor(place / 250)}.${1 + place % 250}`;
}

/** People of a population who use a stack. The end of its block closes their connections. */
export class Load implements Disposable {
  readonly #http: HttpClient;
  readonly #end: Date;
  readonly #clients: Client[];

  constructor(readonly stack: StackProcess, spec: PopulationSpec, clients: number) {
    this.#http = new HttpClient(stack);
    this.#end = new Date(`${spec.day}T00:00:00Z`);
    const everybody = people(spec);
    this.#clients = Array.from({ length: clients }, (_, place) => {
      const person = everybody[place % everybody.length];
      if (person === undefined) throw new Error("Cannot load a stack without people");
      const connections = Deno.createHttpClient({ localAddress: addressOf(place) });
      return { person, draw: draws(place), cursor: undefined, etag: undefined, connections };
    });
  }

  [Symbol.dispose](): void {
    for (const { connections } of this.#clients) connections.close();
  }

  async #send(client: Client, route: SoakRoute, due: number): Promise<Outcome> {
    const { method = "GET", path, body, headers } = route.ask(client, this.#end);
    const token = await this.#http.token(client.person.user_id);
    const sent = performance.now();
    const done = (status: number, more: Partial<Outcome> = {}) => ({
      route: route.name,
      status,
      ms: performance.now() - due,
      sent,
      is_refused: false,
      ...more,
    });
    let response: Response | undefined;
    try {
      response = await fetch(`${this.stack.url}/functions/v1${path}`, {
        client: client.connections,
        method,
        headers: {
          authorization: `Bearer ${token}`,
          apikey: this.stack.publishable_key,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await response.text();
      if (response.status === 503 && text.startsWith("Starting or stopping")) {
        return done(503, { is_refused: true });
      }
      const outcome = done(response.status);
      if (response.ok) route.note?.(client, response, JSON.parse(text));
      return response.ok || [304, 429].includes(response.status)
        ? outcome
        : { ...outcome, cause: text.slice(0, 200) };
    } catch (error) {
      return done(0, {
        is_refused: response === undefined && String(error).includes("refused"),
        cause: String(error).slice(0, 200),
      });
    }
  }

  /** Every client sends its next request when it has the answer to the last one, until it is told to stop or refused. */
  async closed(until: () => boolean): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    await Promise.all(this.#clients.map(async (client) => {
      while (!until()) {
        const outcome = await this.#send(client, drawRoute(client.draw), performance.now());
        outcomes.push(outcome);
        if (outcome.is_refused) break;
      }
    }));
    return outcomes;
  }

  /**
   * So many requests a second, whatever becomes of them. A time counts from when the request was to be sent, so that a
   * server that stalls is not asked less, nor looked at kindly.
   */
  async open(rate: number, seconds: number): Promise<Outcome[]> {
    const outcomes: Promise<Outcome>[] = [];
    const started = performance.now();
    for (let place = 0; place < rate * seconds; place++) {
      const due = started + 1000 * place / rate;
      const wait_ms = due - performance.now();
      if (wait_ms > 0) await new Promise((resolve) => setTimeout(resolve, wait_ms));
      const client = this.#clients[place % this.#clients.length];
      if (client !== undefined) outcomes.push(this.#send(client, drawRoute(client.draw), due));
    }
    return await Promise.all(outcomes);
  }
}
