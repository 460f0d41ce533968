import { DIMENSIONS, type Embedder, unitVector } from "./embedder.ts";

/** Words and slots carry the meaning; pairs their order, and parts of words what a typo or an ending leaves. */
const WEIGHTS = { word: 1, pair: 0.6, parts: 0.7 } as const;

/** FNV-1a over UTF-16 code units, then MurmurHash3's finaliser, because the low bits of FNV alone are too alike. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

function wordsOf(text: string): string[] {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/⟨[\p{L}_]+⟩|[\p{L}\p{N}]+/gu) ??
    [];
}

function* featuresOf(words: readonly string[]): Generator<[feature: string, weight: number]> {
  for (const [index, word] of words.entries()) {
    yield [`w ${word}`, WEIGHTS.word];
    const next = words[index + 1];
    if (next !== undefined) yield [`p ${word} ${next}`, WEIGHTS.pair];
    if (word.startsWith("⟨")) continue;
    const padded = [..." " + word + " "];
    const parts = Math.max(padded.length - 2, 1);
    // A long word weighs no more than a short one.
    for (let start = 0; start < parts; start++) {
      yield [`c ${padded.slice(start, start + 3).join("")}`, WEIGHTS.parts / Math.sqrt(parts)];
    }
  }
}

function embedText(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const [feature, weight] of featuresOf(wordsOf(text))) {
    const hashed = hash(feature);
    const place = hashed % DIMENSIONS;
    // The sign makes features that share a place cancel out on the average (Weinberger et al., 2009).
    vector[place] = (vector[place] ?? 0) + (hashed >>> 31 ? weight : -weight);
  }
  return unitVector(vector);
}

/**
 * The built-in embedder: words, pairs of words and letter trigrams, hashed with signs. It needs no key, no network and no
 * time, and knows no synonyms.
 */
export const lexicalEmbedder: Embedder = {
  model: "lexical",
  version: "1",
  inline: true,
  embed: (texts) => Promise.resolve(texts.map(embedText)),
};
