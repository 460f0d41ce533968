const FIGURES = `
  select count(*) as total_events, count(*) filter (where e.type = 'call') as total_calls, count(*) filter (where e.type = 'sms') as total_sms,
    count(*) filter (where e.direction = 'inbound') as inbound, count(*) filter (where e.direction = 'outbound') as outbound,
    count(*) filter (where e.status = 'answered') as answered_calls, count(*) filter (where e.status = 'missed') as missed_calls,
    count(distinct e.contact_id) as unique_contacts, avg(e.duration) filter (where e.status = 'answered') as mean,
    percentile_cont(0.5) within group (order by e.duration) filter (where e.status = 'answered') as median`;

/**
 * The dashboard from the events alone: figures of the period and of the one before, series, top contacts, busiest hour.
 * Parameters: owner, start, end, zone, start of the period before, granularity.
 *
 * @param condition A further one on `e`, such as what a teammate may see.
 */
export function plainDashboard(condition = "true"): string {
  const between = (since: string, upto: string) =>
    `public.events as e where e.user_id = $1 and e.ts >= ${since} and e.ts < ${upto} and ${condition}`;
  const period = between("$2", "$3");
  return `select
    (select row_to_json(t) from (${FIGURES} from ${period}) as t) as now,
    (select row_to_json(t) from (${FIGURES} from ${between("$5", "$2")}) as t) as before,
    (select json_agg(t) from (
      select date_trunc($6::text, e.ts, $4::text) as bucket, count(*) as events, count(*) filter (where e.type = 'call') as calls,
        count(distinct e.contact_id) as contacts, avg(e.duration) as duration
        from ${period} group by 1 order by 1) as t) as series,
    (select json_agg(t) from (
      select e.contact_id, (select c.name from public.contacts as c where c.user_id = $1 and c.id = e.contact_id) as name, count(*) as events
        from ${period} and e.contact_id is not null group by 1 order by 3 desc limit 10) as t) as top,
    (select mode() within group (order by extract(hour from e.ts at time zone $4::text)) from ${period}) as busiest_hour`;
}

/** What a teammate may see, as a condition on `e`. */
export const SEEN_BY_TEAMMATES = `not exists (select from public.privacy_rules as r
  where r.user_id = e.user_id and r.contact_id = e.contact_id and r.visibility = 'private')`;
