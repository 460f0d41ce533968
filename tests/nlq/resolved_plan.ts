import type { Intent, Plan } from "../../functions/nlq/plan.ts";

/** Ids, instants and zone in the place of names and words: what `run_query_plan` takes. */
export interface ResolvedPlan {
  readonly intent: Intent;
  readonly metric: Plan["metric"];
  readonly dimension: Plan["dimension"];
  readonly filters: {
    readonly contact_ids: readonly string[];
    readonly excluded_contact_ids: readonly string[];
    readonly company: string | null;
    readonly tag: string | null;
    readonly number: string | null;
    readonly is_known: boolean | null;
    readonly type: string | null;
    readonly direction: string | null;
    readonly statuses: readonly string[];
    readonly min_seconds: number | null;
    readonly max_seconds: number | null;
    readonly hours: readonly { readonly from: number; readonly to: number }[];
    readonly weekdays: readonly number[];
    readonly text: string | null;
    readonly source: string | null;
    readonly line_id: string | null;
  };
  /** Instants, half-open; null is open. */
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly time_zone: string;
  readonly week_start: number;
  readonly compare: {
    readonly starts_at: string | null;
    readonly ends_at: string | null;
    readonly has_interval: boolean;
    readonly contact_ids: readonly string[] | null;
    readonly type: string | null;
    readonly direction: string | null;
    readonly statuses: readonly string[];
  } | null;
  readonly part: {
    readonly contact_ids: readonly string[] | null;
    readonly type: string | null;
    readonly direction: string | null;
    readonly statuses: readonly string[];
    readonly is_known: boolean | null;
  } | null;
  readonly sort: Plan["sort"];
  readonly limit: number;
  readonly horizon_days: number | null;
}
