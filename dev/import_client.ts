import { basename } from "node:path";

/** An import as the API shows it. */
export interface ImportProgress {
  readonly id: string;
  readonly state: "open" | "running" | "done" | "failed" | "needs_mapping";
  readonly bytes_read: number;
  readonly declared: number | null;
  readonly found: number;
  readonly inserted: number;
  readonly merged: number;
  readonly duplicate: number;
  readonly refused: number;
  readonly errors: readonly { position: string | null; code: string; detail: string }[];
  readonly next_part: number;
  readonly part_bytes: number;
}

/** What the API refused: its own words. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly import: ImportProgress | undefined;

  constructor(
    readonly status: number,
    document: { detail?: string; message?: string; msg?: string; import?: ImportProgress },
  ) {
    super(document.detail ?? document.message ?? document.msg ?? `The stack answered ${status}`);
    this.import = document.import;
  }
}

/** How long a stack may be away, in ms, before an upload gives up. */
const PATIENCE_MS = 120_000;

/** Sends files to a stack, part by part; a part that met a dead stack is sent again. */
export class ImportClient {
  private constructor(private readonly url: string, private readonly token: string) {}

  /** @throws ApiError for a wrong password, TypeError when nobody listens. */
  static async signIn(options: { url: string; email: string; password: string }): Promise<ImportClient> {
    const response = await fetch(`${options.url}/auth/v1/token?grant_type=password`, {
      method: "POST",
      headers: { apikey: "sb_publishable_local", "content-type": "application/json" },
      body: JSON.stringify({ email: options.email, password: options.password }),
    });
    const session = await response.json();
    if (!response.ok) throw new ApiError(response.status, session);
    return new ImportClient(options.url, session.access_token);
  }

  /**
   * Imports one file.
   *
   * @param options `kind`, `time_zone`, `mapping`, as `POST /imports` takes them.
   * @param onProgress After each part.
   * @throws ApiError when the file or a part is refused.
   */
  async importFile(
    path: string,
    options: Record<string, unknown>,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportProgress> {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    let progress = await this.#call("POST", "/api/imports", {
      type: "application/json",
      body: JSON.stringify({ filename: basename(path), ...(size > 0 && { bytes: size }), ...options }),
    });
    for (let part = 0; part * progress.part_bytes < size; part++) {
      const bytes = await readPart(file, progress.part_bytes);
      progress = await this.#call("PUT", `/api/imports/${progress.id}/parts/${part}`, {
        type: "application/octet-stream",
        body: bytes,
      });
      onProgress(progress);
    }
    return await this.#call("POST", `/api/imports/${progress.id}/complete`);
  }

  async #call(
    method: string,
    path: string,
    request?: { type: string; body: string | Uint8Array<ArrayBuffer> },
  ): Promise<ImportProgress> {
    let started = Date.now();
    for (let delay_ms = 250;; delay_ms = Math.min(delay_ms * 2, 5000)) {
      try {
        const response = await fetch(this.url + path, {
          method,
          headers: {
            authorization: `Bearer ${this.token}`,
            apikey: "sb_publishable_local",
            ...(request && { "content-type": request.type }),
          },
          ...(request && { body: request.body }),
        });
        const document = await response.json();
        if (response.ok) return document.data;
        if (response.status === 429) {
          // Not away, only full: however long that takes.
          const wait_s = Number(response.headers.get("retry-after") ?? 1);
          await new Promise((resolve) => setTimeout(resolve, wait_s * 1000));
          started = Date.now();
          continue;
        }
        if (response.status < 500) throw new ApiError(response.status, document);
      } catch (error) {
        if (error instanceof ApiError) throw error;
      }
      if (Date.now() - started > PATIENCE_MS) throw new Error(`The stack at ${this.url} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, delay_ms));
    }
  }
}

async function readPart(file: Deno.FsFile, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const read = await file.read(buffer.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
