/** What a document keeps of runs, each between marks of its own. */
export type Section = "analytics" | "growth" | "soak";

function marks(section: Section): { begin: string; end: string } {
  const name = section === "analytics" ? "bench" : `bench ${section}`;
  return { begin: `<!-- ${name}: begin -->`, end: `<!-- ${name}: end -->` };
}

interface Marked {
  readonly before: string;
  readonly after: string;
}

/**
 * Finds the marks of a section in a document, between which a run's output goes.
 *
 * @throws Error when it has none.
 */
export async function readMarked(path: string, section: Section): Promise<Marked> {
  const text = await Deno.readTextFile(path);
  const { begin, end } = marks(section);
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot write the tables: "${path}" lacks ${begin} and ${end}`);
  return { before: text.slice(0, from + begin.length), after: text.slice(to) };
}

/** Puts a run's output between the marks of its section, as the document is now. */
export async function writeTables(path: string, section: Section, output: string): Promise<void> {
  const { before, after } = await readMarked(path, section);
  await Deno.writeTextFile(path, `${before}\n\n${output.trim()}\n\n${after}`);
}
