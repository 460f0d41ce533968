import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { generateDemo } from "./population.ts";
import type { DemoEvent, DemoPopulation, DemoStory, DemoUser } from "./types.ts";

const days = ["2026-11-22", "2024-02-29", "2025-01-01", "2026-07-06"].map(generateDemo);

function findAll(
  { stories, users }: DemoPopulation,
  kind: DemoStory["kind"],
): { story: DemoStory; user: DemoUser }[] {
  return stories.filter((story) => story.kind === kind).map((story) => {
    const user = users.find(({ email }) => email === story.email);
    if (user === undefined) throw new Error(`Cannot find ${story.email}`);
    return { story, user };
  });
}

function within(events: readonly DemoEvent[], { from, to }: { from: string; to: string }): DemoEvent[] {
  return events.filter(({ ts }) => ts >= from && ts < to);
}

function find(demo: DemoPopulation, kind: DemoStory["kind"]): { story: DemoStory; user: DemoUser } {
  const [found] = findAll(demo, kind);
  if (found === undefined) throw new Error(`Cannot find a ${kind}`);
  return found;
}

/** The longest silence, by brute force. */
function longestSilence(events: readonly DemoEvent[]): { from: string; to: string; hours: number } {
  let longest = { from: "", to: "", hours: 0 };
  for (const [i, { ts: to }] of events.entries()) {
    const from = events[i - 1]?.ts ?? to;
    const hours = (Date.parse(to) - Date.parse(from)) / 3_600_000;
    if (hours > longest.hours) longest = { from, to, hours };
  }
  return longest;
}

Deno.test("The member's longest silence is the gap, of which colleagues know two events or more", () => {
  for (const day of days) {
    const { story, user } = find(day, "gap");
    const silence = longestSilence(user.events);
    assert(
      silence.from < story.from && silence.to >= story.to,
      `${JSON.stringify(silence)} is not ${story.from}`,
    );
    assertEquals(within(user.events, story), []);
    const numbers = user.lines.map(({ number }) => number);
    const known = day.users.flatMap(({ events }) => within(events, story))
      .filter(({ number }) => numbers.includes(number ?? ""));
    assert(known.length >= 2, `Only ${known.length} events are known`);
  }
});

Deno.test("The admin's longest silence in texts is the channel gap, in which the carrier reports calls", () => {
  for (const day of days) {
    const { story, user } = find(day, "channel_gap");
    const silence = longestSilence(user.events.filter(({ type }) => type === "sms"));
    assert(
      silence.from < story.from && silence.to >= story.to,
      `${JSON.stringify(silence)} is not ${story.from}`,
    );
    const calls = within(user.events, story);
    assert(calls.length > 0 && calls.every(({ source, type }) => source === "carrier" && type === "call"));
    assertEquals(within(user.corroborations, story), []);
  }
});

Deno.test("The spike is the owner's busiest day, far above the others", () => {
  for (const day of days) {
    const spike = find(day, "spike");
    const format = new Intl.DateTimeFormat("en-CA", { timeZone: spike.user.time_zone });
    const counts = new Map<string, number>();
    for (const { ts } of spike.user.events) {
      const date = format.format(Date.parse(ts));
      counts.set(date, (counts.get(date) ?? 0) + 1);
    }
    const [[busiest, most] = ["", 0], [, second] = ["", 0]] = [...counts].sort((a, b) => b[1] - a[1]);
    assertEquals(busiest, format.format(Date.parse(spike.story.from)));
    const mean = spike.user.events.length / counts.size;
    assert(most > 4 * mean && most > second + 10, `${most} events, then ${second}, ${mean} on average`);
  }
});

Deno.test("The longest call is three hours on hold with a stranger", () => {
  for (const day of days) {
    const hold = find(day, "long_call");
    const longest = Math.max(
      ...day.users.flatMap(({ events }) => events.map(({ duration }) => duration ?? 0)),
    );
    const call = hold.user.events.find(({ duration }) => duration === longest);
    assertEquals(call?.ts, hold.story.from);
    assertEquals(call?.number, hold.story.number);
    assertEquals(call?.contact_name, null);
  }
});

Deno.test("Owed calls are the last that is heard of their callers", () => {
  for (const day of days) {
    const owed = findAll(day, "owed_call");
    assertEquals(owed.map(({ user }) => user.email.split("@")[0]), ["owner", "owner", "admin", "solo"]);
    for (const { story, user } of owed) {
      const numbers = user.contacts.map((contact) => contact.numbers.map(({ number }) => number))
        .find((list) => list.includes(story.number ?? "")) ?? [];
      const last = user.events.filter(({ number }) => numbers.includes(number ?? "")).slice(-2);
      assertEquals(
        last.map(({ direction, status }) => `${direction} ${status}`),
        Array(2).fill("inbound missed"),
      );
      assertEquals(last[0]?.ts, story.from);
    }
  }
});

Deno.test("Most missed calls are called back within some hours", () => {
  let missed = 0;
  let returned = 0;
  for (const { events } of days.flatMap(({ users }) => users)) {
    const outbound = events.filter(({ type, direction }) => type === "call" && direction === "outbound");
    for (const { ts, number, status, direction } of events) {
      if (status !== "missed" || direction !== "inbound" || !number?.startsWith("+447700900")) continue;
      missed++;
      const delays = outbound.filter((call) => call.number === number).map((call) =>
        Date.parse(call.ts) - Date.parse(ts)
      );
      if (delays.some((delay) => delay > 0 && delay < 4 * 3_600_000)) returned++;
    }
  }
  assert(missed > 300 && returned > 0.4 * missed && returned < 0.9 * missed, `${returned} of ${missed}`);
});

Deno.test("A holiday is quiet, but not silent", () => {
  const ratios = days.flatMap((day) => findAll(day, "holiday")).map(({ story, user }) => {
    const length = (Date.parse(story.to) - Date.parse(story.from)) / 86_400_000;
    const count = within(user.events, story).length;
    assert(count >= 5, `${user.email} has ${count} events in ${length} days`);
    return count / length / (user.events.length / 400);
  });
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  assert(mean > 0.2 && mean < 0.7, `A day of holiday has ${mean} of the usual traffic`);
});

Deno.test("Some ties are new, some fade and some have ended", () => {
  const [demo] = days;
  const months = (user: DemoUser | undefined, name: string) => {
    const numbers =
      user?.contacts.find((contact) => contact.name === name)?.numbers.map(({ number }) => number) ?? [];
    const thirds = [0, 0, 0];
    for (const { ts, number } of user?.events ?? []) {
      if (!numbers.includes(number ?? "")) continue;
      const third = Math.floor(3 * (Date.parse(ts) - Date.parse(demo?.from ?? "")) / (400.6 * 86_400_000));
      thirds[third] = (thirds[third] ?? 0) + 1;
    }
    return thirds as [number, number, number];
  };
  const [owner, admin] = demo?.users ?? [];
  const [before, between, since] = months(owner, "Nia (choir)");
  assertEquals([before, between], [0, 0]);
  assertNotEquals(since, 0);
  const [early, , late] = months(owner, "Lou");
  assert(early > 2 * late && late < 30, `Lou ${early} then ${late}`);
  const [first, , after] = months(admin, "Robin");
  assert(first > 20 && after === 0);
});

Deno.test("Every row lies within what its source says it delivered, and the gaps do not", () => {
  for (const { users, stories } of days) {
    for (const { email, events, corroborations, coverage } of users) {
      for (const { ts, source, source_name, line, type } of [...events, ...corroborations]) {
        const covers = coverage.some((interval) =>
          interval.source === source && interval.name === source_name && interval.line === line &&
          interval.type === type && interval.from <= ts && ts < interval.to
        );
        assert(covers, `${email} ${source_name} ${ts}`);
      }
      for (const gap of stories.filter((story) => story.email === email && /gap/.test(story.kind))) {
        const texts = coverage.filter(({ type }) => type === "sms");
        assert(texts.every(({ from, to }) => to <= gap.from || from >= gap.to), email);
        assertEquals(texts.length, 2);
      }
    }
  }
});
