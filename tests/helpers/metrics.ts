import parsePrometheusTextFormat from "parse-prometheus-text-format";

interface Metric {
  readonly labels?: Record<string, string>;
  readonly value?: string;
  readonly buckets?: Record<string, string>;
  readonly count?: string;
  readonly sum?: string;
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly metrics: readonly Metric[];
}

/** Metrics as a scraper reads them. */
export interface ReadMetrics {
  readonly families: readonly Family[];
  /** The value of the sample with exactly these labels; undefined when there is none. */
  get(name: string, labels: Record<string, string>): number | undefined;
  histogram(
    name: string,
    labels: Record<string, string>,
  ): { count: number; sum: number; buckets: Map<string, number> };
}

function same(a: Record<string, string>, b: Record<string, string>): boolean {
  const sorted = (labels: Record<string, string>) => JSON.stringify(Object.entries(labels).sort());
  return sorted(a) === sorted(b);
}

/** Reads Prometheus' text format by a parser that is not ours. */
export function readMetrics(text: string): ReadMetrics {
  const families: readonly Family[] = parsePrometheusTextFormat(text);
  const find = (name: string, labels: Record<string, string>) =>
    families.find((family) => family.name === name)?.metrics.find((metric) =>
      same(metric.labels ?? {}, labels)
    );
  return {
    families,
    get: (name, labels) => {
      const metric = find(name, labels);
      return metric === undefined ? undefined : Number(metric.value);
    },
    histogram: (name, labels) => {
      // This parser gives the buckets of all label sets of a histogram in one metric each only where labels are alike.
      const metric = find(name, labels);
      if (metric === undefined) throw new Error(`Cannot find ${name} of ${JSON.stringify(labels)}`);
      return {
        count: Number(metric.count),
        sum: Number(metric.sum),
        buckets: new Map(Object.entries(metric.buckets ?? {}).map(([le, value]) => [le, Number(value)])),
      };
    },
  };
}
