import type { Item } from "./items.ts";

/** An item and what it costs to read the words so: the cheapest reading of all words wins. */
export interface Candidate {
  readonly item: Item;
  readonly cost: number;
}

/** The cheapest sequence of items that covers the words, and the words that none covers. */
export interface Cover {
  readonly items: readonly Item[];
  readonly leftover: readonly number[];
}

const UNREAD = 1000;

/** Covers words by items, each word by at most one. */
export function coverWords(count: number, candidates: readonly Candidate[]): Cover {
  const best: { cost: number; back: number; item: Item | null }[] = [{ cost: 0, back: -1, item: null }];
  const by_end = Map.groupBy(candidates, (candidate) => candidate.item.end);
  for (let end = 1; end <= count; end++) {
    let step: { cost: number; back: number; item: Item | null } = {
      cost: (best[end - 1]?.cost ?? 0) + UNREAD,
      back: end - 1,
      item: null,
    };
    for (const { item, cost } of by_end.get(end) ?? []) {
      const total = (best[item.start]?.cost ?? Infinity) + cost;
      if (total < step.cost) step = { cost: total, back: item.start, item };
    }
    best.push(step);
  }
  const items: Item[] = [];
  const leftover: number[] = [];
  for (let at = count; at > 0;) {
    const step = best[at];
    if (!step) break;
    if (step.item) items.unshift(step.item);
    else leftover.unshift(at - 1);
    at = step.back;
  }
  return { items, leftover };
}
