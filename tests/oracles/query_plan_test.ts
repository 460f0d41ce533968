import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Database } from "../../dev/database.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";
import { addContactsAndLines, type Ids, round } from "./history.ts";
import { NUMBERS, type PlanCase, planCase, withDetails } from "./plan_cases.ts";
import {
  buckets,
  groupBy,
  isSum,
  keyOf,
  measure,
  type PlanContact,
  type PlanEvent,
  type PlanFilters,
  seenBy,
  select,
  unreturned,
} from "./plan_oracle.ts";

// deno-lint-ignore no-explicit-any -- judged below
type Answer = any;

const iso = (ts: number | null) => ts === null ? null : new Date(ts).toISOString();
const endOfMinute = () => Math.floor(Date.now() / 60_000) * 60_000 + 60_000;

function asPlan(asked: PlanCase, ids: Ids) {
  const { question, filters, window, other, limit, week_start, zone } = asked;
  const idsOf = (people: readonly number[]) => people.map((person) => ids.contacts[person]);
  const { contacts, excluded, line, ...rest } = filters;
  const side = {
    contact_ids: idsOf(other.contacts),
    type: other.type,
    direction: other.direction,
    statuses: other.statuses,
  };
  return {
    ...question,
    filters: {
      ...rest,
      contact_ids: idsOf(contacts),
      excluded_contact_ids: idsOf(excluded),
      line_id: line === null ? null : ids.lines[line],
    },
    starts_at: iso(window?.from ?? null),
    ends_at: iso(window?.to ?? null),
    time_zone: zone,
    week_start,
    compare: question.intent !== "compare" ? null : {
      ...side,
      has_interval: other.window !== null,
      starts_at: iso(other.window?.from ?? null),
      ends_at: iso(other.window?.to ?? null),
    },
    part: question.intent !== "share" ? null : { ...side, is_known: other.is_known },
    limit,
    horizon_days: null,
  };
}

async function writeLog(
  db: Database,
  user_id: string,
  events: readonly PlanEvent[],
  contacts: readonly PlanContact[],
  ids: Ids,
) {
  await db.query("delete from public.events where user_id = $1", [user_id]);
  await db.query("delete from public.privacy_rules where user_id = $1", [user_id]);
  await db.query(
    `with c as (select * from jsonb_to_recordset($2::jsonb) as c (id uuid, name text, company text, tag text, visibility text,
         mask_number boolean, mask_content boolean)),
       named as (update public.contacts as k set name = c.name, company = c.company, tags = array_remove(array[c.tag], null)
         from c where k.user_id = $1 and k.id = c.id)
     insert into public.privacy_rules (user_id, contact_id, visibility, mask_number, mask_content)
     select $1, c.id, c.visibility, c.mask_number, c.mask_content from c`,
    [user_id, JSON.stringify(contacts.map((one, i) => ({ ...one, id: ids.contacts[i] })))],
  );
  await db.query(
    `insert into public.events (user_id, id, ts, number, contact_id, line_id, type, direction, status, duration, content, source, sources, fingerprint)
     select $1, (e ->> 'id')::uuid, to_timestamp((e ->> 'ts')::numeric / 1000), e ->> 'number', (e ->> 'contact')::uuid, (e ->> 'line')::uuid, e ->> 'type',
       e ->> 'direction', e ->> 'status', (e ->> 'duration')::integer, e ->> 'content', e ->> 'source', array[e ->> 'source'], gen_random_uuid()
       from jsonb_array_elements($2::jsonb) as e`,
    [
      user_id,
      JSON.stringify(events.map((one) => ({
        ...one,
        contact: one.contact === null ? null : ids.contacts[one.contact],
        line: one.line === null ? null : ids.lines[one.line],
      }))),
    ],
  );
}

/** The events that prove a figure. */
function cited(events: readonly PlanEvent[], metric: string, type: string | null, max = 20): string[] {
  const answered = events.filter(({ status, duration }) => status === "answered" && duration !== null);
  const seconds = ({ duration }: PlanEvent) => duration as number;
  switch (metric) {
    case "longest_duration":
      return answered.toSorted((a, b) => seconds(b) - seconds(a)).slice(0, 1).map(({ id }) => id);
    case "shortest_duration":
      return answered.toSorted((a, b) => seconds(a) - seconds(b)).slice(0, 1).map(({ id }) => id);
    case "average_duration":
    case "median_duration":
      return answered.slice(0, max).map(({ id }) => id);
    case "talk_time":
      return events.filter((event) => type !== null || event.type === "call").slice(0, max).map(({ id }) =>
        id
      );
    default:
      return events.slice(0, max).map(({ id }) => id);
  }
}

function judgeRanking(answer: Answer, asked: PlanCase, hits: PlanEvent[], filters: PlanFilters, ids: Ids) {
  const { metric, dimension, sort } = asked.question;
  const { zone } = filters;
  const name = (key: string) => asked.contacts[ids.contacts.indexOf(key)]?.name?.toLowerCase() ?? "~";
  let groups: [string, PlanEvent[]][];
  if (dimension === "hour" || dimension === "weekday" || asked.question.intent === "top") {
    const found = groupBy(hits, (event) => keyOf(event, dimension as string, zone, ids));
    if (asked.question.intent === "busiest" && isSum(metric) && hits.length > 0) {
      const length = (filters.ends_at ?? Date.now()) - (filters.starts_at ?? -Infinity);
      const possible = (key: number) =>
        dimension === "weekday"
          ? filters.weekdays.length === 0 || filters.weekdays.includes(key)
          : filters.hours.length === 0 || filters.hours.some(({ from, to }) =>
            Array.from({ length: 60 }, (_, i) => key * 60 + i).some((minute) =>
              from < to ? minute >= from && minute < to : minute >= from || minute < to
            )
          );
      if (length >= (dimension === "hour" ? 25 : 169) * 3_600_000) {
        for (let key = dimension === "hour" ? 0 : 1; key < (dimension === "hour" ? 24 : 8); key++) {
          if (possible(key)) found.set(String(key), found.get(String(key)) ?? []);
        }
      }
    }
    groups = [...found];
  } else {
    groups = buckets(hits, filters, dimension as "day", asked.week_start).map((
      { key, events },
    ) => [key, events]);
    if (hits.length === 0 || !(isSum(metric) && sort === "least" && filters.weekdays.length === 0)) {
      groups = groups.filter(([, events]) => events.length > 0);
    }
  }
  const isClock = dimension === "hour" || dimension === "weekday";
  const keeps = (value: number | null, events: number) =>
    value !== null && (!isSum(metric) || value > 0 ||
      (asked.question.intent === "busiest" && (isClock
        ? groups.some(([, one]) => one.length === 0) || events === 0 || fills(filters, dimension)
        : sort === "least" && filters.weekdays.length === 0)));
  const expected = groups.map(([key, events]) => ({
    key,
    value: measure(events, metric),
    events: events.length,
  }))
    .filter(({ value, events }) => keeps(value, events))
    .toSorted((a, b) => {
      const by = ((a.value ?? 0) - (b.value ?? 0)) * (sort === "least" ? 1 : -1);
      if (by !== 0) return by;
      if (isClock) return Number(a.key) - Number(b.key);
      if (dimension === "contact" && name(a.key) !== name(b.key)) return name(a.key) < name(b.key) ? -1 : 1;
      // Local starts in their order, offsets aside.
      return a.key < b.key ? -1 : 1;
    });
  const rows = answer.rows.map((row: Answer) => ({
    key: String(row.contact_id ?? row.key),
    value: row.value,
    events: row.events,
  }));
  assertEquals(rows, expected.slice(0, asked.limit));
  assertEquals(answer.total, expected.length);
  assertEquals(answer.rows.map(({ rank }: Answer) => rank), rows.map((_: unknown, i: number) => i + 1));
  const [best] = expected;
  const isExact = best?.key !== "unknown" && (dimension !== "hour" || filters.hours.length === 0);
  if (best && isExact) {
    assertEquals(
      answer.citations,
      cited(groups.find(([key]) => key === best.key)?.[1] ?? [], metric, asked.filters.type),
    );
  } else if (!best) assertEquals(answer.citations, []);
}

function fills(filters: PlanFilters, dimension: string | null): boolean {
  const length = (filters.ends_at ?? Date.now()) - (filters.starts_at ?? -Infinity);
  return length >= (dimension === "hour" ? 25 : 169) * 3_600_000;
}

function judge(answer: Answer, asked: PlanCase, all: PlanEvent[], ids: Ids, is_own: boolean) {
  const { question: { intent, metric, sort }, contacts, other, limit } = asked;
  const filters: PlanFilters = {
    ...asked.filters,
    starts_at: asked.window?.from ?? null,
    ends_at: asked.window?.to ?? null,
    zone: asked.zone,
  };
  const seen = seenBy(is_own, all, contacts);
  const hits = select(seen, contacts, filters);
  const value = measure(hits, metric);
  if (!["gaps", "quality"].includes(intent)) assert(Array.isArray(answer.warnings));
  switch (intent) {
    case "count":
    case "duration":
      assertEquals([answer.value, answer.total], [value, hits.length]);
      return assertEquals(answer.citations, cited(hits, metric, filters.type));
    case "list":
    case "last":
    case "first": {
      const order = intent === "last" ? "newest" : intent === "first" ? "oldest" : sort;
      const timed = hits.filter(({ status, duration }) => status === "answered" && duration !== null);
      const listed = order === "newest"
        ? hits
        : order === "oldest"
        ? hits.toReversed()
        : timed.toSorted((a, b) => ((a.duration ?? 0) - (b.duration ?? 0)) * (order === "longest" ? -1 : 1));
      assertEquals(
        answer.rows.map(({ id, number, content }: Answer) => [id, number, content]),
        listed.slice(0, limit).map(({ id, number, content }) => [id, number, content]),
      );
      assertEquals([answer.value, answer.total], [null, hits.length]);
      return assertEquals(answer.citations, listed.slice(0, Math.min(limit, 20)).map(({ id }) => id));
    }
    case "top":
      return judgeRanking(answer, asked, hits, filters, ids);
    case "busiest":
      return judgeRanking(
        answer,
        asked,
        hits,
        asked.question.dimension === "hour" || asked.question.dimension === "weekday"
          ? filters
          : { ...filters, ends_at: filters.ends_at ?? endOfMinute() },
        ids,
      );
    case "trend": {
      const shown = { ...filters, ends_at: filters.ends_at ?? endOfMinute() };
      const first = filters.starts_at ?? hits.at(-1)?.ts ?? 0;
      const days = ((shown.ends_at as number) - first) / 86_400_000;
      const dimension = asked.question.dimension ?? (days <= 92.1 ? "day" : days <= 750 ? "week" : "month");
      assertEquals(
        answer.rows,
        buckets(hits, shown, dimension as "day", asked.week_start).map(({ key, events, is_partial }) => ({
          time_bucket: key,
          value: measure(events, metric),
          is_partial,
        })),
      );
      assertEquals([answer.value, answer.total], [value, hits.length]);
      return assertEquals(answer.citations, cited(hits, metric, filters.type));
    }
    case "compare": {
      const against = select(seen, contacts, {
        ...filters,
        ...(other.window && { starts_at: other.window.from, ends_at: other.window.to }),
        ...(other.contacts.length > 0 && { contacts: other.contacts, company: null, tag: null }),
        type: other.type ?? filters.type,
        direction: other.direction ?? filters.direction,
        statuses: other.statuses.length > 0 ? other.statuses : filters.statuses,
      });
      const second = measure(against, metric);
      const difference = value === null || second === null ? null : round(value - second, 2);
      assertEquals([answer.value, answer.values.first, answer.values.second], [difference, value, second]);
      assertEquals(
        answer.values.change_pct,
        !second || difference === null ? null : round(100 * difference / second, 1),
      );
      return assertEquals(answer.rows, [
        { side: 1, value, events: hits.length },
        { side: 2, value: second, events: against.length },
      ]);
    }
    case "share": {
      const narrowing = {
        ...filters,
        contacts: other.contacts,
        type: other.type,
        direction: other.direction,
        statuses: other.statuses,
        is_known: other.is_known,
      };
      const inPart = select(hits, contacts, {
        ...narrowing,
        excluded: [],
        company: null,
        tag: null,
        number: null,
        min_seconds: null,
        max_seconds: null,
        hours: [],
        weekdays: [],
        text: null,
        source: null,
        line: null,
        starts_at: null,
        ends_at: null,
      });
      const part = measure(inPart, metric);
      assertEquals([answer.rows, answer.total], [[{ part, whole: value }], hits.length]);
      assertEquals(answer.value, value ? round(100 * (part as number) / value, 1) : null);
      return assertEquals(answer.citations, cited(inPart, metric, other.type ?? filters.type));
    }
    default: {
      const direction = filters.direction ?? "inbound";
      const statuses = filters.statuses.length > 0
        ? filters.statuses
        : direction === "inbound"
        ? ["missed", "voicemail"]
        : ["missed", "declined", "voicemail", "blocked"];
      const missed = select(seen, contacts, { ...filters, type: "call", direction, statuses });
      const open = unreturned(seen, missed, direction);
      assertEquals(
        answer.rows.map((row: Answer) => [row.event_id, row.missed_calls, row.contact_id, row.number]),
        open.slice(0, limit).map(({ latest, missed_calls }) => [
          latest.id,
          missed_calls,
          latest.contact === null ? null : ids.contacts[latest.contact],
          latest.number,
        ]),
      );
      assertEquals([answer.total, answer.citations], [
        open.length,
        open.slice(0, Math.min(limit, 20)).map(({ latest }) => latest.id),
      ]);
    }
  }
}

Deno.test("Every plan is answered as a look at every event answers it, for the owner and for a teammate", async () => {
  const db = await testDatabase();
  try {
    const ann = await createUser(db, "ann@example.test");
    const bob = await createUser(db, "bob@example.test");
    const ids = await addContactsAndLines(db, ann);
    await db.query(
      "insert into public.contact_numbers (user_id, contact_id, number) select $1, c, n from unnest($2::uuid[], $3::text[]) as t (c, n)",
      [
        ann,
        ids.contacts,
        NUMBERS,
      ],
    );
    await db.query(
      `with o as (insert into public.organizations (name) values ('T') returning id)
       insert into public.org_members (organization_id, user_id, role) select o.id, u, 'member' from o cross join unnest($1::uuid[]) as u`,
      [[ann, bob]],
    );
    const asks = planCase.filter(({ question, filters, other, window }) =>
      (question.intent !== "share" || other.type !== null || other.direction !== null ||
        other.is_known !== null ||
        other.statuses.length + other.contacts.length > 0) &&
      (question.intent !== "unreturned" || filters.type !== "sms") &&
      (window === null || window.to < Date.now())
    );
    await fc.assert(
      fc.asyncProperty(asks, async (asked) => {
        const events = asked.events.map(withDetails);
        await writeLog(db, ann, events, asked.contacts, ids);
        const plan = JSON.stringify(asPlan(asked, ids));
        for (const caller of [ann, bob]) {
          const asking = asUser(
            db,
            caller,
            (session) =>
              session.query<{ answer: Answer }>("select public.run_query_plan($1::jsonb, $2) as answer", [
                plan,
                ann,
              ]),
          );
          if (
            caller === bob &&
            (asked.filters.tag !== null || asked.filters.line !== null || asked.question.dimension === "line")
          ) {
            const refusal = await asking.catch((error) => error);
            assertEquals([refusal.code, refusal.message], ["PT403", "not_permitted"]);
          } else judge((await asking)[0]?.answer, asked, events, ids, caller === ann);
        }
      }),
      { numRuns: Number(Deno.env.get("ORACLE_RUNS") ?? 150) },
    );
  } finally {
    await db.close();
  }
});
