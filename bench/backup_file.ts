const WORDS = "the we you at home later call bring milk train station tomorrow yes no thanks see soon love ok"
  .split(" ");

/** Small, seeded and even enough for test data: Mulberry32 (public domain, T. Ettinger, 2017). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * An "SMS Backup & Restore" file of `count` messages with 400 people over `count` times seven minutes, about 300
 * bytes each. The same for the same arguments.
 *
 * @param from The first message's time, ms since 1970.
 */
export function backupFile(count: number, from = Date.UTC(2022, 0, 1)): Uint8Array<ArrayBuffer> {
  const random = mulberry32(count);
  const pick = (size: number) => Math.floor(random() * size);
  const rows = [
    `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>`,
    `<smses count="${count}" backup_set="bench">`,
  ];
  for (let index = 0; index < count; index++) {
    const person = pick(400);
    const date = from + index * 420_000 + pick(400_000);
    const type = 1 + pick(2);
    const body = Array.from({ length: 4 + pick(16) }, () => WORDS[pick(WORDS.length)]).join(" ") +
      (pick(8) === 0 ? " &#55357;&#56832;" : "");
    rows.push(
      `  <sms protocol="0" address="+4477009${
        String(person).padStart(5, "0")
      }" date="${date}" type="${type}" subject="null" body="${body}" toa="null" sc_toa="null" service_center="null" read="1" status="-1" locked="0" date_sent="0" readable_date="Jan 1, 2022 4:18:17 AM" contact_name="Person ${person}" />`,
    );
  }
  rows.push("</smses>");
  return new TextEncoder().encode(rows.join("\n"));
}
