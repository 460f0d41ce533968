/** A contact of the victim's and what hangs on it. */
export interface Subject {
  readonly contact_id: string;
  readonly event_id: string;
  readonly number: string;
  readonly name: string;
  /** A word of a message. */
  readonly text: string;
}

/** A row as JSON. */
export type Row = Record<string, unknown>;

/** Whom an attack names. The victim, or nobody: answers to those who may see nothing must be the same. */
export interface Target {
  readonly user_id: string;
  readonly organization_id: string;
  /** What the rules hide from everybody comes first. */
  readonly subjects: readonly [Subject, ...Subject[]];
  readonly ids: {
    readonly line: string;
    readonly query: string;
    /** Imports by state. */
    readonly imports: Readonly<Record<"open" | "running" | "done" | "needs_mapping", string>>;
  };
  /** Keys that are texts. */
  readonly idempotency_key: string;
  readonly answer_key: string;
  /** The token of the link to her archive. */
  readonly download_token: string;
  readonly email: string;
  /** One row of the victim's in each table of `public` and `private`, whatever she may read of it herself. */
  readonly rows: Readonly<Record<string, Row>>;
}

/** A target of the same shape that does not exist. */
export function decoyOf(target: Target): Target {
  const copies = new Map<string, string>();
  const text = JSON.stringify(target)
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
      if (!copies.has(id)) copies.set(id, crypto.randomUUID());
      return copies.get(id) ?? id;
    })
    .replaceAll("+44770090", "+44770091")
    .replaceAll(/qx/gi, (word) => word === "Qx" ? "Qy" : "qy");
  return JSON.parse(text);
}
