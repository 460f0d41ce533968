const BEGIN = "<!-- bench: begin -->";
const END = "<!-- bench: end -->";

interface Marked {
  readonly before: string;
  readonly after: string;
}

/**
 * Finds the marks of a document, between which a run's output goes.
 *
 * @throws Error when it has none.
 */
export async function readMarked(path: string): Promise<Marked> {
  const text = await Deno.readTextFile(path);
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`Cannot write the tables: "${path}" lacks ${BEGIN} and ${END}`);
  }
  return { before: text.slice(0, begin + BEGIN.length), after: text.slice(end) };
}

/** Puts a run's output between the marks of a document, as it is now. */
export async function writeTables(path: string, output: string): Promise<void> {
  const { before, after } = await readMarked(path);
  await Deno.writeTextFile(path, `${before}\n\n${output.trim()}\n\n${after}`);
}
