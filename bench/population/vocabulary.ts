const CONSONANTS = "b d f g k l m n p r s t v z".split(" ");
const VOWELS = "a e i o u".split(" ");
const SYLLABLES = CONSONANTS.flatMap((consonant) => VOWELS.map((vowel) => consonant + vowel));
const SIZE = 5000;
/** Shares no factor with the number of words of two syllables, so its multiples meet each of them once. */
const STRIDE = 1847;

function syllable(place: number): string {
  return SYLLABLES[place % SYLLABLES.length] ?? "";
}

function spell(rank: number): string {
  const pairs = SYLLABLES.length ** 2;
  const place = rank * STRIDE % pairs;
  const word = syllable(place) + syllable(Math.floor(place / SYLLABLES.length));
  return rank < pairs ? word : word + syllable(rank);
}

/** Words of the messages, the most frequent first: the word of rank k (from 1) makes up about 1/(k ln 5001) of all. */
export const VOCABULARY: readonly string[] = Array.from({ length: SIZE }, (_, index) => spell(index + 1));

function wordsAt(ranks: readonly number[]): string[] {
  return ranks.map((rank) => VOCABULARY[rank - 1] ?? "");
}

/** Words that more than a third of the messages have. */
export const VERY_COMMON: readonly string[] = wordsAt([1, 2, 3]);
/** Words of one message in 7 to 28. */
export const COMMON: readonly string[] = wordsAt([10, 15, 20, 25, 30, 35, 40, 45]);
/** Words of one message in 60 to 320. */
export const MIDDLING: readonly string[] = wordsAt([
  100,
  140,
  180,
  220,
  260,
  300,
  340,
  380,
  420,
  460,
  500,
  540,
]);
/** Words of one message in 1,400 to 3,500. */
export const RARE: readonly string[] = wordsAt([2000, 2500, 3000, 3500, 4000, 4300, 4600, 4900]);
