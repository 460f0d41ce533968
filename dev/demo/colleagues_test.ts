import { assert, assertEquals } from "@std/assert";
import { generateDemo } from "./population.ts";
import type { DemoEvent, DemoPopulation, DemoUser } from "./types.ts";

const days = ["2026-11-22", "2025-03-30"].map(generateDemo);
const MIRRORED_STATUS: Record<string, string> = { sent: "received", received: "sent" };

function isHidden({ stories }: DemoPopulation, user: DemoUser, event: DemoEvent): boolean {
  return stories.some(({ kind, email, from, to }) =>
    email === user.email && event.ts >= from && event.ts < to &&
    (kind === "gap" || (kind === "channel_gap" && event.type === "sms"))
  );
}

function isMirror(mine: DemoEvent, theirs: DemoEvent): boolean {
  return Math.abs(Date.parse(mine.ts) - Date.parse(theirs.ts)) < 2_000 &&
    theirs.type === mine.type && theirs.direction !== mine.direction && theirs.duration === mine.duration &&
    theirs.status === (MIRRORED_STATUS[mine.status] ?? mine.status) && theirs.content === mine.content;
}

Deno.test("Both sides of what happens between two members agree, but for rows that were lost or never sent", () => {
  for (const day of days) {
    let checked = 0;
    let hidden = 0;
    for (const user of day.users) {
      for (const other of day.users.filter(({ email }) => email !== user.email)) {
        const numbers = new Set<string | null>(user.lines.map(({ number }) => number));
        const theirs = other.events.filter(({ number }) => numbers.has(number));
        const others_numbers = new Set<string | null>(other.lines.map(({ number }) => number));
        for (const event of user.events.filter(({ number }) => others_numbers.has(number))) {
          const mirrors = theirs.filter((candidate) => isMirror(event, candidate));
          const is_expected = event.status !== "failed" && !isHidden(day, other, event);
          if (!is_expected && event.status !== "failed") hidden++;
          assertEquals(
            mirrors.length,
            is_expected ? 1 : 0,
            `${user.email} and ${other.email} at ${event.ts}`,
          );
          checked++;
        }
      }
    }
    assert(checked > 3_000, `Only ${checked} rows between members`);
    assert(hidden >= 5, `Only ${hidden} rows tell of the gaps`);
  }
});

Deno.test("Several members know the same outsiders, some under other names, and so does the stranger", () => {
  const knowers = new Map<string, Map<string, string>>();
  for (const { email, contacts } of days[0]?.users ?? []) {
    for (const { name, numbers } of contacts) {
      for (const { number } of numbers) {
        knowers.set(number, (knowers.get(number) ?? new Map()).set(email, name));
      }
    }
  }
  const shared = [...knowers.values()].filter(({ size }) => size > 1);
  assert(shared.length >= 10);
  assert(shared.some((names) => new Set(names.values()).size > 1));
  assert(shared.some((names) => names.has("solo@demo.phonelog.test")));
});

Deno.test("Address books have no name twice, and some contacts have two numbers and a birthday", () => {
  for (const { email, contacts, events } of days[0]?.users ?? []) {
    const names = contacts.map(({ name }) => name.toLowerCase());
    assertEquals(new Set(names).size, names.length, email);
    const called = new Set(events.map(({ number }) => number));
    const used = contacts.filter(({ numbers }) => numbers.some(({ number }) => called.has(number)));
    assertEquals(used.length, contacts.length, `${email} never talks to some contacts`);
    const listed = new Map(
      contacts.flatMap(({ name, numbers }) => numbers.map(({ number }) => [number, name])),
    );
    for (const event of events.filter(({ source }) => source !== "carrier")) {
      assertEquals(event.contact_name, listed.get(event.number ?? "") ?? null, `${email} ${event.ts}`);
    }
  }
  const [owner] = days[0]?.users ?? [];
  const doubles = owner?.contacts.filter(({ numbers }) => numbers.length > 1) ?? [];
  assert(doubles.length > 1);
  const called = new Set(owner?.events.map(({ number }) => number));
  assert(doubles.some(({ numbers }) => numbers.every(({ number }) => called.has(number))));
});

Deno.test("Birthdays are congratulated on", () => {
  const [owner] = days[0]?.users ?? [];
  const wishes = owner?.events.filter(({ content }) => /birthday|HBD|happy returns/i.test(content ?? "")) ??
    [];
  const mine = wishes.filter(({ ts, direction }) => direction === "inbound" && ts.slice(5, 10) === "03-14");
  assert(mine.length >= 5, `Only ${mine.length} people thought of Olivia`);
  const kate = wishes.filter(({ contact_name, direction }) =>
    contact_name === "Kate" && direction === "outbound"
  );
  assertEquals(kate.map(({ ts }) => ts.slice(5, 10)), ["07-08"]);
});

Deno.test("Privacy rules are about contacts that exist, and every kind occurs", () => {
  const rules = days[0]?.users.flatMap(({ contacts, privacy }) => {
    const numbers = contacts.flatMap(({ numbers }) => numbers.map(({ number }) => number));
    for (const { contact_number } of privacy) assert(numbers.includes(contact_number), contact_number);
    return privacy;
  }) ?? [];
  const visibilities = new Set(rules.map(({ visibility }) => visibility));
  assertEquals([...visibilities].sort(), ["private", "public", "team"]);
  assert(rules.some(({ mask_number, mask_content }) => mask_number && !mask_content));
  assert(rules.some(({ mask_number, mask_content }) => !mask_number && mask_content));
});
