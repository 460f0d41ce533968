/** One line of a metric. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as a scraper reads it. */
export interface Family {
  readonly name: string;
  type: string;
  help: string;
  readonly samples: Sample[];
}

/** What was read, by names. */
export interface ReadMetrics {
  readonly families: ReadonlyMap<string, Family>;
  /** The value of the sample with exactly these labels; undefined when there is none. */
  get(name: string, labels?: Record<string, string>): number | undefined;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?!$)|$)/;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$`);
const ENDINGS = ["", "_bucket", "_sum", "_count", "_total"];

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== "";) {
    const [whole, name, value] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name === undefined || value === undefined) {
      throw new Error(`Cannot read labels "${text}"`);
    }
    if (name in labels) throw new Error(`Cannot read labels "${text}": ${name} comes twice`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped) => escaped === "n" ? "\n" : escaped);
    rest = rest.slice(whole.length);
  }
  return labels;
}

function keyOf(name: string, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, Object.entries(labels).sort()]);
}

/** A histogram's buckets of one set of labels must grow up to `+Inf`, which is the count. */
function checkHistogram({ name, samples }: Family): void {
  const series = Map.groupBy(
    samples.filter((sample) => sample.name === `${name}_bucket`),
    ({ labels: { le: _, ...rest } }) => keyOf("", rest),
  );
  for (const [key, buckets] of series) {
    const bounds = buckets.map(({ labels }) => labels["le"] === "+Inf" ? Infinity : Number(labels["le"]));
    const count = samples.find((sample) =>
      sample.name === `${name}_count` && keyOf("", sample.labels) === key
    )?.value;
    const grows = buckets.every(({ value }, i) =>
      i === 0 || (value >= (buckets[i - 1]?.value ?? NaN) && (bounds[i] ?? NaN) > (bounds[i - 1] ?? NaN))
    );
    if (!grows || bounds.at(-1) !== Infinity || buckets.at(-1)?.value !== count) {
      throw new Error(`Not a histogram: ${name} ${key}`);
    }
  }
}

/**
 * Reads Prometheus' text format 0.0.4 or OpenMetrics 1.0 as strictly as their grammars are.
 *
 * @throws Error for a line that is none, a metric in two places or without help and type, a sample that comes twice.
 */
export function readMetrics(text: string): ReadMetrics {
  if (!text.endsWith("\n")) throw new Error("The last line does not end");
  const families = new Map<string, Family>();
  const values = new Map<string, number>();
  let current: Family | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, keyword, name = "", rest = ""] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`).exec(line) ?? [];
    if (line === "# EOF") continue;
    if (keyword === "HELP") {
      if (families.has(name)) throw new Error(`${name} is in two places`);
      current = { name, help: rest, type: "", samples: [] };
      families.set(name, current);
    } else if (keyword === "TYPE") {
      if (current?.name !== name || current.type !== "" || current.samples.length > 0) {
        throw new Error(`Misplaced: ${line}`);
      }
      if (!["counter", "gauge", "histogram"].includes(rest)) throw new Error(`No type: ${line}`);
      current.type = rest;
    } else {
      const [, sample_name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
      if (sample_name === "") throw new Error(`Cannot read line "${line}"`);
      if (
        !current || current.type === "" || !ENDINGS.some((ending) => current?.name + ending === sample_name)
      ) throw new Error(`Misplaced: ${line}`);
      const sample = {
        name: sample_name,
        labels: readLabels(labels),
        value: value.endsWith("Inf") ? Number(`${value}inity`) : Number(value),
      };
      if (values.has(keyOf(sample_name, sample.labels))) throw new Error(`Comes twice: ${line}`);
      values.set(keyOf(sample_name, sample.labels), sample.value);
      current.samples.push(sample);
    }
  }
  for (const family of families.values()) if (family.type === "histogram") checkHistogram(family);
  return { families, get: (name, labels = {}) => values.get(keyOf(name, labels)) };
}
