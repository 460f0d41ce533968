/** A call or message of a test backup: minutes after 1 May 2026, 12:00 UTC. */
export interface BackupRecord {
  readonly kind: "call" | "sms";
  readonly number: string;
  readonly minute: number;
  readonly type: number;
  readonly duration?: number;
  readonly body?: string;
  readonly contact_name?: string;
  readonly presentation?: number;
}

/** A backup file as the phone app writes it; attribute values are given as they stand in the file. */
export function backupXml(records: readonly BackupRecord[], count = records.length): string {
  const root = records.some((record) => record.kind === "sms") ? "smses" : "calls";
  const rows = records.map((record) => {
    const date = Date.UTC(2026, 4, 1, 12, record.minute);
    const name = record.contact_name === undefined ? "" : ` contact_name="${record.contact_name}"`;
    return record.kind === "call"
      ? `  <call number="${record.number}" duration="${
        record.duration ?? 0
      }" date="${date}" type="${record.type}" presentation="${record.presentation ?? 1}"${name} />`
      : `  <sms protocol="0" address="${record.number}" date="${date}" type="${record.type}" body="${
        record.body ?? ""
      }"${name} />`;
  });
  return [
    `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>`,
    `<${root} count="${count}">`,
    ...rows,
    `</${root}>`,
  ].join("\n");
}
