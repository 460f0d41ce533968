import type { MetricFamily, MetricSample } from "../../shared/monitoring/request_metrics.ts";

/** The two formats in which Prometheus reads metrics. */
export type Format = "prometheus" | "openmetrics";

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The format that the `Accept` header asks for; the older one unless it names the newer. */
export function chooseFormat(accept: string | undefined): Format {
  return accept?.includes("application/openmetrics-text") ? "openmetrics" : "prometheus";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function sampleLine(name: string, { suffix = "", labels, value }: MetricSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${suffix}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function familyLines(family: MetricFamily, format: Format): string[] {
  const { name, type, samples } = family;
  // OpenMetrics names a counter without the ending that its samples have.
  const title = format === "openmetrics" && type === "counter" ? name.replace(/_total$/, "") : name;
  const help = format === "openmetrics" ? escapeLabel(family.help) : escapeHelp(family.help);
  return [
    `# HELP ${title} ${help}`,
    `# TYPE ${title} ${type}`,
    ...samples.map((sample) => sampleLine(name, sample)),
  ];
}

/** Writes metrics down as Prometheus' text format 0.0.4 or OpenMetrics 1.0. Metrics without a value are left out. */
export function expose(families: readonly MetricFamily[], format: Format): string {
  const lines = families.filter(({ samples }) => samples.length > 0)
    .flatMap((family) => familyLines(family, format));
  return [...lines, ...format === "openmetrics" ? ["# EOF"] : [], ""].join("\n");
}
