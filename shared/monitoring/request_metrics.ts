/** A metric with its values, as Prometheus knows it. */
export interface MetricFamily {
  /** A counter's ends with `_total`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** One value of a metric. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
}

/** A request that was answered. */
export interface ObservedRequest {
  readonly surface: string;
  readonly method: string;
  /** Its pattern, never the path. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly database_ms: number;
}

/** Upper bounds in seconds, inclusive. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

interface Observed {
  readonly labels: Readonly<Record<string, string>>;
  readonly by_status: Map<number, number>;
  /** Requests up to each bound, those above the one before only; the last is above all. */
  readonly buckets: number[];
  seconds: number;
  database_seconds: number;
}

function histogram({ labels, buckets, seconds }: Observed): MetricSample[] {
  let count = 0;
  return [
    ...buckets.map((requests, index): MetricSample => {
      count += requests;
      return { suffix: "_bucket", labels: { ...labels, le: String(BOUNDS[index] ?? "+Inf") }, value: count };
    }),
    { suffix: "_sum", labels, value: seconds },
    { suffix: "_count", labels, value: count },
  ];
}

/** Counts requests by route, in memory: of this isolate only, from its start. */
export class RequestMetrics {
  readonly #routes = new Map<string, Observed>();
  readonly #started = Date.now() / 1000;

  observe({ surface, method, route, status, ms, database_ms }: ObservedRequest): void {
    const key = `${surface} ${method} ${route}`;
    let observed = this.#routes.get(key);
    if (observed === undefined) {
      observed = {
        labels: { surface, method, route },
        by_status: new Map(),
        buckets: new Array<number>(BOUNDS.length + 1).fill(0),
        seconds: 0,
        database_seconds: 0,
      };
      this.#routes.set(key, observed);
    }
    const bound = BOUNDS.findIndex((limit) => ms <= limit * 1000);
    const bucket = bound === -1 ? BOUNDS.length : bound;
    observed.buckets[bucket] = (observed.buckets[bucket] ?? 0) + 1;
    observed.by_status.set(status, (observed.by_status.get(status) ?? 0) + 1);
    observed.seconds += ms / 1000;
    observed.database_seconds += database_ms / 1000;
  }

  families(): MetricFamily[] {
    const routes = [...this.#routes.values()];
    return [
      {
        name: "phonelog_isolate_start_time_seconds",
        type: "gauge",
        help: "When the isolate that answers started; the metrics of requests are this isolate's own",
        samples: [{ labels: {}, value: this.#started }],
      },
      {
        name: "phonelog_http_requests_total",
        type: "counter",
        help: "Requests that were answered",
        samples: routes.flatMap(({ labels, by_status }) =>
          [...by_status].map(([status, value]) => ({ labels: { ...labels, status: String(status) }, value }))
        ),
      },
      {
        name: "phonelog_http_request_duration_seconds",
        type: "histogram",
        help: "Time in the function up to the head of the answer",
        samples: routes.flatMap(histogram),
      },
      {
        name: "phonelog_http_database_seconds_total",
        type: "counter",
        help: "Time that requests waited for the database, calls side by side added up",
        samples: routes.map(({ labels, database_seconds }) => ({ labels, value: database_seconds })),
      },
    ];
  }
}

/** The metrics of the surfaces that share this isolate: on the platform one, on the local stack all. */
export const requestMetrics = new RequestMetrics();
