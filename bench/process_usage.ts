/** What a process of this machine has used so far (Linux: `/proc`). */
export interface ProcessUsage {
  /** User and system time of all its threads, ms. */
  readonly cpu_ms: number;
  /** Largest resident size so far, MB. */
  readonly peak_mb: number;
  readonly rss_mb: number;
}

const TICK_MS = 10;

export function processUsage(pid: number): ProcessUsage {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return {
    cpu_ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    peak_mb: megabytes("VmHWM"),
    rss_mb: megabytes("VmRSS"),
  };
}

/** Value at a share of the sorted list, such as 0.95. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
