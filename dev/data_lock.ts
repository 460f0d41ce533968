/** Who holds a data directory. */
export interface Holder {
  pid: number;
  /** ISO 8601. */
  since: string;
  /** Where it serves; null while it starts. */
  url: string | null;
}

/** Thrown when another process, or another stack of this one, holds the data directory. */
export class DataInUseError extends Error {
  override name = "DataInUseError";
  constructor(directory: string, readonly holder: Holder | null) {
    const who = holder === null ? "another process" : `process ${holder.pid} since ${holder.since}` +
      (holder.url === null ? "" : `, serving ${holder.url}`);
    super(`Cannot open "${directory}": the data is in use by ${who}`);
  }
}

/** Exclusive use of a data directory, until released or until the process ends in any way. */
export interface DataLock {
  /** Says where the holder serves, for those who come second. */
  announce(url: string): Promise<void>;
  release(): Promise<void>;
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch {
    return null; // the holder is between locking and writing
  }
}

/**
 * Takes the directory, creating it when missing. The lock is the operating system's on an open file: it falls
 * with its process, so a crash leaves nothing to clean up, and of two that start at once one gets it. Who holds
 * it is in a second file, since a locked one cannot be read on Windows.
 *
 * @throws DataInUseError when it is taken.
 */
export async function lockData(directory: string): Promise<DataLock> {
  await Deno.mkdir(directory, { recursive: true });
  const holder_path = `${directory}/holder.json`;
  const file = await Deno.open(`${directory}/lock`, { create: true, write: true });
  if (!await file.tryLock(true)) {
    file.close();
    throw new DataInUseError(directory, await readHolder(holder_path));
  }
  const holder: Holder = { pid: Deno.pid, since: new Date().toISOString(), url: null };
  const write = async () => {
    await Deno.writeTextFile(`${holder_path}.new`, JSON.stringify(holder));
    await Deno.rename(`${holder_path}.new`, holder_path);
  };
  await write();
  return {
    announce: (url) => {
      holder.url = url;
      return write();
    },
    release: async () => {
      await Deno.remove(holder_path).catch(() => {});
      await file.unlock();
      file.close();
    },
  };
}
