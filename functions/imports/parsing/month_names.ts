import { foldWords } from "./fold_words.ts";

/** Twelve lines, one for each month: the words for it in en, de, fr, es, it, pt and nl, short ones included. */
const NAMES = [
  "jan january janner janv janvier januar enero ene gennaio gen genn janeiro januari",
  "feb february febr februar fev fevr fevrier febrero febbraio febb fevereiro februari",
  "mar march marz mars marzo marco maart mrt mrz maerz",
  "apr april avr avril abr abril aprile",
  "may mai mayo maggio mag magg maio mei",
  "jun june juni juin junio giugno giu junho",
  "jul july juli juil juillet julio luglio lug julho",
  "aug august aout agosto ago ag augustus",
  "sep sept september septembre septiembre settembre set sett setembro",
  "oct october okt oktober octobre octubre ottobre ott outubro out",
  "nov november novembre noviembre novembro",
  "dec december dez dezember decembre dic diciembre dicembre dezembro",
];

const NUMBERS = new Map(
  NAMES.flatMap((line, index) => line.split(" ").map((name): [string, number] => [name, index + 1])),
);

/** 1 to 12 for a month's name or its abbreviation in any of seven languages; undefined for another word. */
export function monthNumber(word: string): number | undefined {
  return NUMBERS.get(foldWords(word));
}
