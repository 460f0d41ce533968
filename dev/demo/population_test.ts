import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { HISTORY_DAYS } from "./calendar.ts";
import { outsiders } from "./circle.ts";
import { kindOfNumber } from "./numbers.ts";
import { generateDemo } from "./population.ts";
import type { DemoEvent, DemoPopulation, DemoUser } from "./types.ts";

const DAY = "2026-11-22";
const demo = generateDemo(DAY);
const OTHER_DAYS = ["2024-02-29", "2025-01-01", "2025-03-30", "2026-07-04", "2027-11-07"];
const days = [demo, ...OTHER_DAYS.map(generateDemo)];
const everybody = days.flatMap(({ users }) => users);

function userOf({ users }: DemoPopulation, name: string): DemoUser {
  const user = users.find(({ email }) => email === `${name}@demo.phonelog.test`);
  if (user === undefined) throw new Error(`Cannot find ${name}`);
  return user;
}

/** Share of events in each hour of a zone, told by Intl and not by the generator's own calendar. */
function hourShares(events: readonly DemoEvent[], timeZone: string): number[] {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" });
  const shares = Array.from({ length: 24 }, () => 0);
  for (const { ts } of events) {
    const hour = Number(format.format(Date.parse(ts)));
    shares[hour] = (shares[hour] ?? 0) + 1 / events.length;
  }
  return shares;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

Deno.test("generateDemo() gives the same bytes for the same day and others for another", () => {
  const bytes = JSON.stringify(demo);
  assertEquals(JSON.stringify(generateDemo(DAY)), bytes);
  assertNotEquals(JSON.stringify(generateDemo("2026-11-23").users), JSON.stringify(demo.users));
});

Deno.test("generateDemo() refuses what is not a day", () => {
  assertThrows(() => generateDemo("2026-02-30"), RangeError, 'Cannot parse day "2026-02-30"');
});

Deno.test("generateDemo() takes less than 300 ms", () => {
  // The best of three, since the tests share the machine.
  const taken = ["2026-11-19", "2026-11-20", "2026-11-21"].map((day) => {
    const start = performance.now();
    generateDemo(day);
    return performance.now() - start;
  });
  assert(Math.min(...taken) < 300, `It took ${taken.join(", ")} ms`);
});

Deno.test("The six demo users have their roles, zones and week starts", () => {
  const described = demo.users.map(({ email, role, time_zone, default_region, week_start }) =>
    `${email.split("@")[0]} ${role} ${time_zone} ${default_region} ${week_start}`
  );
  assertEquals(described, [
    "owner owner Europe/Berlin GB 1",
    "admin admin Europe/Berlin GB 1",
    "analyst analyst America/New_York US 7",
    "member member America/New_York US 7",
    "viewer viewer Europe/Berlin GB 1",
    "solo null America/New_York US 7",
  ]);
});

Deno.test("Everybody has about as many events as a demo of the role needs, on any day", () => {
  const ranges = { owner: [5_000, 7_000], solo: [300, 600], viewer: [20, 120] } as Record<
    string,
    [number, number]
  >;
  for (const { email, events } of everybody) {
    const [low, high] = ranges[email.split("@")[0] ?? ""] ?? [500, 3_000];
    assert(events.length >= low && events.length <= high, `${email} has ${events.length} events`);
  }
});

Deno.test("Every number is made up, a short code or a sender's name", () => {
  const counts = new Map<string, number>();
  for (const { events, corroborations, contacts, lines, privacy } of everybody) {
    const listed = [...contacts.flatMap(({ numbers }) => numbers), ...lines].map(({ number }) => number);
    const called = [...events, ...corroborations].map(({ number }) => number).filter((number) =>
      number !== null
    );
    for (const number of [...listed, ...called, ...privacy.map(({ contact_number }) => contact_number)]) {
      const kind = kindOfNumber(number);
      assertNotEquals(kind, "real", number);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    for (const number of listed) assertEquals(kindOfNumber(number), "fiction");
  }
  assertEquals([...counts.keys()].sort(), ["fiction", "sender_name", "short_code"]);
  assert(userOf(demo, "owner").events.some(({ number }) => number === null), "Nobody withholds a number");
});

Deno.test("kindOfNumber() knows a real number when it sees one", () => {
  const real = [
    "+447911123456",
    "+442071234567",
    "+12125551212",
    "+18005550110",
    "+49301234567",
    "70707",
    "owner",
  ];
  for (const number of real) assertEquals(kindOfNumber(number), "real", number);
  for (const number of ["+447700900000", "+442079460999", "+12125550199"]) {
    assertEquals(kindOfNumber(number), "fiction", number);
  }
});

Deno.test("A number belongs to one person only", () => {
  const owners = new Map<string, string>();
  const all = [
    ...Object.entries(outsiders).flatMap(([key, { numbers }]) =>
      numbers.map(({ number }) => [number, key] as const)
    ),
    ...demo.users.flatMap(({ lines, email }) => lines.map(({ number }) => [number, email] as const)),
  ];
  for (const [number, owner] of all) {
    assertEquals(owners.has(number), false, `${owners.get(number)} and ${owner} both have ${number}`);
    owners.set(number, owner);
  }
});

Deno.test("Nothing happens outside of the 400 days, nor in the future of the day", () => {
  for (const { day, from, to, users } of days) {
    assertEquals(to, `${day}T12:00:00.000Z`);
    assertEquals(Date.parse(to) - Date.parse(from), (HISTORY_DAYS + 0.5) * 86_400_000);
    for (
      const { ts, duration } of users.flatMap(({ events, corroborations }) => [...events, ...corroborations])
    ) {
      assert(ts >= from && Date.parse(ts) + (duration ?? 0) * 1000 <= Date.parse(to) + 2_000, ts);
    }
  }
  assert(userOf(demo, "owner").events.some(({ ts }) => ts >= DAY), "Nothing happened today");
});

Deno.test("Events are in order, and their fields fit their type and direction", () => {
  for (const { events } of everybody) {
    assertEquals(events.map(({ ts }) => ts), events.map(({ ts }) => ts).sort());
    for (const { type, direction, status, duration, content, line, number, source } of events) {
      if (type === "sms") {
        const expected = direction === "inbound" ? ["received"] : ["sent", "failed"];
        assert(expected.includes(status) && duration === null && line === "mobile" && source !== "carrier");
        assert(content !== null && content.length > 0 && !/[<>]|undefined|null/.test(content), content ?? "");
        assert(!number?.startsWith("+442079460"), `A text with the landline ${number}`);
      } else {
        const expected = ["answered", "missed", "declined", "voicemail", "blocked"];
        assert(expected.includes(status) && content === null && duration !== null, status);
        assertEquals((duration ?? 0) > 0, status === "answered" || status === "voicemail");
      }
    }
  }
});

Deno.test("Every status and every source occurs in the owner's data", () => {
  const { events } = userOf(demo, "owner");
  const statuses = new Set(events.map(({ type, direction, status }) => `${type} ${direction} ${status}`));
  for (const status of ["answered", "missed", "declined", "voicemail"]) {
    assert(statuses.has(`call inbound ${status}`) && statuses.has(`call outbound ${status}`), status);
  }
  for (
    const rare of ["call inbound blocked", "sms outbound failed", "sms outbound sent", "sms inbound received"]
  ) {
    assert(statuses.has(rare), rare);
  }
  assertEquals([...new Set(events.map(({ source }) => source))].sort(), ["backup", "carrier", "device"]);
});

Deno.test("People sleep and work by the clock of their own zone", () => {
  for (const { email, events, time_zone } of days.flatMap(({ users }) => users.slice(0, 4))) {
    const here = hourShares(events, time_zone);
    const there = hourShares(events, time_zone === "Europe/Berlin" ? "America/New_York" : "Europe/Berlin");
    const night = sum(here.slice(1, 6));
    assert(night < 0.02, `${email} spends ${night} at night`);
    assert(sum(there.slice(1, 6)) > 0.08, `${email} could as well live elsewhere`);
    assert(sum(here.slice(8, 22)) > 0.85, email);
  }
});

Deno.test("Work is quiet at weekends and families are not", () => {
  const weekendShare = (events: readonly DemoEvent[]) => {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Berlin", weekday: "short" });
    return events.filter(({ ts }) => format.format(Date.parse(ts)).startsWith("S")).length / events.length;
  };
  const { events } = userOf(demo, "owner");
  const adam = userOf(demo, "admin").lines[0]?.number;
  const mum = outsiders.mum.numbers.map(({ number }) => number as string);
  assert(weekendShare(events.filter(({ number }) => number === adam)) < 0.1);
  assert(weekendShare(events.filter(({ number }) => mum.includes(number ?? ""))) > 0.3);
});

Deno.test("Lengths of calls are log-normal: the logarithm is symmetric and wide", () => {
  const mums = outsiders.mum.numbers.map(({ number }) => number as string);
  const calls = days.flatMap(({ users }) => users[0]?.events ?? [])
    .filter(({ number, status }) => status === "answered" && mums.includes(number ?? ""));
  const logs = calls.map(({ duration }) => Math.log(duration ?? 1)).sort((a, b) => a - b);
  const mean = sum(logs) / logs.length;
  const sigma = Math.sqrt(sum(logs.map((log) => (log - mean) ** 2)) / logs.length);
  assert(calls.length > 200 && Math.abs(mean - (logs[Math.floor(logs.length / 2)] ?? 0)) < 0.2 * sigma);
  assert(sigma > 0.7 && sigma < 1.1, `Sigma ${sigma}`);
});

Deno.test("Ids are unique per source, and a phone's run from 1 with a hole only where rows were lost", () => {
  for (const { email, events, corroborations } of everybody) {
    const ids = [...events, ...corroborations].map((event) => `${event.source_name}/${event.source_id}`);
    assertEquals(new Set(ids).size, ids.length, email);
    const texts = events.filter(({ source, type }) => source === "device" && type === "sms");
    const numbers = texts.map(({ source_id }) => Number(source_id.slice(4)));
    const steps = numbers.filter((number, i) => number !== (numbers[i - 1] ?? 0) + 1).length;
    const has_hole = email.startsWith("admin") || email.startsWith("member");
    assertEquals(steps, has_hole ? 1 : 0, email);
  }
});

Deno.test("No two rows of one person could be taken for one", () => {
  for (const { events } of everybody) {
    const last = new Map<string, number>();
    for (const { ts, number, type, direction } of events) {
      const key = `${number}/${type}/${direction}`;
      const gap = Date.parse(ts) - (last.get(key) ?? 0);
      assert(gap > 2_500, `${key} at ${ts} comes ${gap} ms after another`);
      last.set(key, Date.parse(ts));
    }
  }
});

Deno.test("Nobody is on two calls at once", () => {
  for (const { email, events } of everybody) {
    let until = 0;
    for (const { ts, status, duration, direction } of events) {
      if (duration === null || duration === 0 || (status === "voicemail" && direction === "inbound")) {
        continue;
      }
      assert(Date.parse(ts) >= until, `${email} at ${ts}`);
      until = Date.parse(ts) + duration * 1000;
    }
  }
});
