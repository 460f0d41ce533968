import type { BenchCase, World } from "./case.ts";
import { contactCases } from "./contacts.ts";
import { dashboardCases } from "./dashboard.ts";
import { healthCases } from "./health.ts";
import { heatmapCases } from "./heatmap.ts";
import { pageCases } from "./pages.ts";
import { questionCases } from "./questions.ts";
import { searchCases } from "./search.ts";
import { teamCases } from "./team.ts";
import { trendCases } from "./trends.ts";

/** Every case. Those of pages walk through the whole list first, so they are made only when they are asked for. */
export async function allCases(world: World, only: readonly string[]): Promise<BenchCase[]> {
  const wants_pages = only.length === 0 || only.some((part) => part.includes("page"));
  return [
    ...dashboardCases(world),
    ...heatmapCases(world),
    ...teamCases(world),
    ...trendCases(world),
    ...wants_pages ? await pageCases(world) : [],
    ...searchCases(world),
    ...contactCases(world),
    ...healthCases(world),
    ...questionCases(world),
  ];
}
