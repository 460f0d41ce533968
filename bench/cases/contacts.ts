import { pathOf } from "../harness/http_client.ts";
import { contactId } from "../population.ts";
import { type BenchCase, daysBefore, OWNER, type World, ZONE } from "./case.ts";

const PLAIN_INTELLIGENCE = `with e as (
    select * from public.events as e where e.user_id = $1 and e.contact_id = $2 and e.ts >= $3 and e.ts < $4)
  select (select count(*) from e) as events, (select count(distinct date_trunc('day', ts, $5::text)) from e) as active_days,
    (select percentile_cont(0.5) within group (order by gap) from (select extract(epoch from ts - lag(ts) over (order by ts)) as gap from e) as g) as median_gap,
    (select json_agg(p) from (select extract(isodow from ts at time zone $5::text), extract(hour from ts at time zone $5::text), count(*) from e group by 1, 2) as p) as profile,
    (select count(*) from e where status = 'missed' and not exists (select from e as back
      where back.ts > e.ts and back.ts < e.ts + interval '7 days' and back.direction <> e.direction)) as unreturned,
    (select json_agg(w) from (select date_trunc('week', ts, $5::text), count(*) from e group by 1 order by 1) as w) as weekly`;
const BOUND_INTELLIGENCE =
  `select count(*), max(e.duration), max(e.status) from (select e.ts, e.type, e.direction, e.status, e.duration
  from public.events as e where e.user_id = $1 and e.contact_id = $2 and e.ts >= $3 and e.ts < $4) as e`;

const PLAIN_PREDICTIONS =
  `select e.contact_id, c.name, count(*) as events, max(e.ts) as last_at, count(distinct date_trunc('day', e.ts)) as active_days,
    sum(power(0.5, extract(epoch from now() - e.ts) / 604800)) as recent
  from public.events as e join public.contacts as c on c.user_id = e.user_id and c.id = e.contact_id
  where e.user_id = $1 group by 1, 2 order by recent desc limit 50`;
const BOUND_PREDICTIONS =
  `select count(*), max(s.last_ts), (select sum(a.calls + a.sms) from private.contact_activity as a
    where a.user_id = $1 and a.grain = 'day' and a.bucket >= $2) as recent
  from private.contact_stats as s where s.user_id = $1`;

// Who in the organisations has the number too, and which contacts occur within the hour.
const PLAIN_RELATIONSHIPS = `select
  (select json_agg(t) from (
    select theirs.user_id, count(*) as events, max(e.ts) as last_at
      from public.contact_numbers as mine
      join public.contact_numbers as theirs on theirs.number = mine.number and theirs.user_id <> mine.user_id
      join public.events as e on e.user_id = theirs.user_id and e.contact_id = theirs.contact_id
     where mine.user_id = $1 and mine.contact_id = $2
       and theirs.user_id in (select other.user_id from public.org_members as me join public.org_members as other using (organization_id) where me.user_id = $1)
       and not exists (select from public.privacy_rules as r where r.user_id = theirs.user_id and r.contact_id = theirs.contact_id and r.visibility = 'private')
     group by 1 order by 2 desc) as t) as known_by,
  (select json_agg(t) from (
    select near.contact_id, count(*) as times from public.events as e
      join public.events as near on near.user_id = e.user_id and near.contact_id <> e.contact_id
        and near.ts between e.ts - interval '1 hour' and e.ts + interval '1 hour'
     where e.user_id = $1 and e.contact_id = $2 and e.ts >= $3
     group by 1 order by 2 desc limit 20) as t) as together`;
const BOUND_RELATIONSHIPS = `select (select count(*) from public.contact_numbers as mine
    join public.org_members as me on me.user_id = mine.user_id
    join public.org_members as other on other.organization_id = me.organization_id
    join public.contact_numbers as theirs on theirs.user_id = other.user_id and theirs.number = mine.number
    where mine.user_id = $1 and mine.contact_id = $2) as known_by,
  (select count(*) from public.events as e where e.user_id = $1 and e.contact_id = $2 and e.ts >= $3) as occasions`;

/** `get_contact_intelligence`, `get_contact_relationships`, `predict_interactions`. */
export function contactCases(world: World): BenchCase[] {
  const since = (turn: number) => daysBefore(world, 365 + turn % 20);
  const upto = (turn: number) => daysBefore(world, turn % 20);
  const largest = contactId(0, 1);
  const usual = (turn: number) => contactId(0, 20 + turn % 40);
  const intelligence = (
    name: string,
    contact: (turn: number) => string,
    from: (turn: number) => string,
  ): BenchCase => ({
    name,
    fn: "get_contact_intelligence",
    caller: OWNER,
    args: (turn) => ({ contact_id: contact(turn), starts_at: from(turn), ends_at: upto(turn) }),
    path: (turn) => pathOf(`/contacts/${contact(turn)}/intelligence`, { from: from(turn), to: upto(turn) }),
    rows: (answer) => Object.keys(answer).length,
    plain: (turn) => ({
      sql: PLAIN_INTELLIGENCE,
      params: [OWNER, contact(turn), from(turn), upto(turn), ZONE],
    }),
    bound: (turn) => ({ sql: BOUND_INTELLIGENCE, params: [OWNER, contact(turn), from(turn), upto(turn)] }),
    bar_ms: 40,
  });
  const horizon = (turn: number) => [1, 7, 14, 28][turn % 4] ?? 7;
  const relationships = (name: string, contact: (turn: number) => string): BenchCase => ({
    name,
    fn: "get_contact_relationships",
    caller: OWNER,
    args: (turn) => ({ contact_id: contact(turn) }),
    path: (turn) => `/contacts/${contact(turn)}/relationships`,
    rows: (answer) => Object.keys(answer).length,
    plain: (turn) => ({ sql: PLAIN_RELATIONSHIPS, params: [OWNER, contact(turn), since(0)] }),
    plain_by: "operator",
    bound: (turn) => ({ sql: BOUND_RELATIONSHIPS, params: [OWNER, contact(turn), since(0)] }),
  });
  return [
    intelligence("intelligence of the largest contact, a year", () => largest, since),
    intelligence("intelligence of 40 contacts, a year", usual, since),
    relationships("relationships of the largest contact", () => largest),
    relationships("relationships of 40 contacts", usual),
    {
      name: "predictions",
      fn: "predict_interactions",
      caller: OWNER,
      args: (turn) => ({ horizon: horizon(turn) }),
      path: (turn) => pathOf("/analytics/predictions", { horizon: horizon(turn) }),
      rows: (answer) => answer.predictions.length,
      plain: () => ({ sql: PLAIN_PREDICTIONS, params: [OWNER] }),
      bound: () => ({ sql: BOUND_PREDICTIONS, params: [OWNER, daysBefore(world, 90)] }),
    },
  ];
}
