/** One statement of a script, as `supabase db push` cuts it: trimmed, without its closing semicolon. */
export interface SqlStatement {
  text: string;
  /** Line of the statement's first word in its script, from 1. */
  line: number;
  /** False for what holds comments only. */
  has_code: boolean;
  /** Offset of `text` in its script, in UTF-16 code units. */
  offset: number;
}

interface Piece {
  kind: "space" | "comment" | "word" | "quoted" | "symbol";
  text: string;
  offset: number;
}

const PIECE = new RegExp(
  [
    String.raw`(?<space>\s+)`,
    String.raw`(?<comment>--[^\n]*|/\*)`,
    String
      .raw`(?<quoted>[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'|'[^']*(?:''[^']*)*'|"[^"]*(?:""[^"]*)*"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<symbol>[\s\S])`,
  ].join("|"),
  "y",
);

function endOfBlockComment(script: string, start: number): number {
  let depth = 0;
  for (const mark of script.slice(start).matchAll(/\/\*|\*\//g)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return start + mark.index + 2;
  }
  return script.length;
}

function endOfPiece(script: string, kind: string, text: string, offset: number): number {
  const end = offset + text.length;
  if (kind === "comment" && text === "/*") return endOfBlockComment(script, offset);
  if (kind === "quoted" && text.startsWith("$")) {
    const close = script.indexOf(text, end);
    return close < 0 ? script.length : close + text.length;
  }
  return end;
}

function* pieces(script: string): Generator<Piece> {
  let offset = 0;
  while (offset < script.length) {
    PIECE.lastIndex = offset;
    const groups = PIECE.exec(script)?.groups ?? {};
    const [kind, text] = Object.entries(groups).find(([, value]) => value !== undefined) ?? ["symbol", ""];
    const end = endOfPiece(script, kind, text, offset);
    yield { kind: kind as Piece["kind"], text: script.slice(offset, end), offset };
    offset = end;
  }
}

/** Follows `begin atomic … end` and parentheses, inside which a semicolon does not end the statement. */
class Nesting {
  #parentheses = 0;
  #blocks = 0;
  #previous_word = "";

  accept(piece: Piece): void {
    if (piece.kind === "symbol") {
      if (piece.text === "(") this.#parentheses++;
      if (piece.text === ")") this.#parentheses--;
    } else if (piece.kind === "word") {
      const word = piece.text.toLowerCase();
      if (word === "atomic" && this.#previous_word === "begin") this.#blocks++;
      else if (word === "case" && this.#blocks > 0) this.#blocks++;
      else if (word === "end" && this.#blocks > 0) this.#blocks--;
      this.#previous_word = word;
    }
  }

  get is_open(): boolean {
    return this.#blocks > 0 || this.#parentheses > 0;
  }
}

function lineAt(script: string, offset: number): number {
  return script.slice(0, offset).split("\n").length;
}

/**
 * Cuts a script into statements where the Supabase CLI cuts it, so that both write the same history. Knows
 * comments, every kind of quotes, dollar quotes, parentheses and `begin atomic` bodies.
 */
export function splitStatements(script: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let nesting = new Nesting();
  let start = 0;
  let first_code = -1;
  const close = (end: number) => {
    const raw = script.slice(start, end);
    const offset = start + raw.length - raw.trimStart().length;
    const line = lineAt(script, first_code < 0 ? offset : first_code);
    if (raw.trim() !== "") statements.push({ text: raw.trim(), line, has_code: first_code >= 0, offset });
    nesting = new Nesting();
    start = end + 1;
    first_code = -1;
  };
  for (const piece of pieces(script)) {
    if (piece.text === ";" && !nesting.is_open) {
      close(piece.offset);
      continue;
    }
    nesting.accept(piece);
    if (first_code < 0 && piece.kind !== "space" && piece.kind !== "comment") first_code = piece.offset;
  }
  close(script.length);
  return statements;
}

/** A script without comments and with every run of white space as one blank: equal for scripts that do the same. */
export function canonicalSql(script: string): string {
  let canonical = "";
  for (const { kind, text } of pieces(script)) {
    if (kind !== "space" && kind !== "comment") canonical += text;
    else if (!canonical.endsWith(" ")) canonical += " ";
  }
  return canonical.replace(/(?: ?; ?)+/g, ";").replace(/^;|;$/g, "").trim();
}

/** The 1-based line in its script of a 1-based character position within a statement, as Postgres reports it. */
export function lineOfPosition(script: string, statement: SqlStatement, position: number): number {
  const characters = [...statement.text].slice(0, position - 1).join("");
  return lineAt(script, statement.offset + characters.length);
}
