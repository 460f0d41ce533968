-- Relationships of a contact: who in the organisation knows this person, what the caller shares with them, and who
-- occurs together with this person in one log.
--
-- Numbers tie people's contacts together. They are compared where they are kept and no copy is made of them, keyed or
-- plain, so there is nothing to guess at. A teammate's contact takes part only where private.judged_contacts shows
-- its number: a private contact, or one with a masked number, counts nowhere, not even as one of the owners of a
-- number. Short codes and named senders are nobody's acquaintance.

create type private.shared_number as (number text, user_id uuid, contact_id uuid);
comment on type private.shared_number is 'A number and one teammate''s contact that has it, as the caller may see.';

create function private.shared_numbers(numbers text[])
returns setof private.shared_number
language sql stable security definer
set search_path = ''
as $$
  select n.number, n.user_id, n.contact_id
    from (select distinct number from unnest(shared_numbers.numbers) as number where number ~ '^\+[1-9][0-9]{6,14}$') as wanted
    cross join private.teammate_ids(private.role_rank('member')) as teammate (id)
    join public.contact_numbers as n on n.user_id = teammate.id and n.number = wanted.number
    join private.judged_contacts as j on j.user_id = n.user_id and j.id = n.contact_id and j.sees_number
    join private.contact_stats as s on s.user_id = n.user_id and s.contact_id = n.contact_id
$$;
comment on function private.shared_numbers(text[]) is
  'Which teammates have these numbers among their contacts, where their rules show the caller contact and number.';

-- Adamic & Adar, Social Networks 25:211, 2003: a shared contact says the more, the fewer have it.
create function private.mutual_contacts(teammates uuid[], without text[])
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_me constant uuid := (select auth.uid());
  v_members constant integer := 1 + (select count(*) from private.teammate_ids(private.role_rank('member')));
  v_answer jsonb;
begin
  with mine as materialized (
    select n.number, n.contact_id, c.name
      from public.contact_numbers as n join public.contacts as c on c.user_id = n.user_id and c.id = n.contact_id
     where n.user_id = v_me and n.number <> all (mutual_contacts.without)
       and exists (select from private.contact_stats as s where s.user_id = v_me and s.contact_id = n.contact_id)
  ),
  candidate as (
    -- Only what these teammates have is looked up among all members.
    select distinct mine.number
      from mine cross join unnest(mutual_contacts.teammates) as teammate (id)
      join public.contact_numbers as n on n.user_id = teammate.id and n.number = mine.number
  ),
  known as materialized (
    select k.* from private.shared_numbers(array(select number from candidate)) as k
  ),
  owners as (
    select number, 1 + count(distinct user_id) as owners from known group by number
  ),
  shared as (
    select distinct on (k.user_id, mine.contact_id) k.user_id, mine.contact_id, mine.name, o.owners
      from known as k join mine on mine.number = k.number join owners as o on o.number = k.number
     where k.user_id = any (mutual_contacts.teammates)
       -- What most members know (a taxi, the bank) ties nobody together.
       and (o.owners <= 3 or o.owners <= v_members / 2.0)
     order by k.user_id, mine.contact_id, o.owners
  ),
  ranked as (
    select s.*, row_number() over (partition by s.user_id order by s.owners, s.contact_id) as place from shared as s
  )
  select jsonb_object_agg(by_user.user_id, by_user.figures) into v_answer
    from (
      select r.user_id, jsonb_build_object('count', count(*), 'adamic_adar', round(sum(1 / ln(r.owners + 1.0))::numeric, 4),
          'contacts', jsonb_agg(jsonb_build_object('contact_id', r.contact_id, 'name', r.name, 'owners', r.owners) order by r.place)
            filter (where r.place <= 20)) as figures
        from ranked as r group by r.user_id
    ) as by_user;
  return coalesce(v_answer, '{}');
end;
$$;
comment on function private.mutual_contacts(uuid[], text[]) is
  'The contacts that the caller shares with each of these teammates, but those of the numbers without: {user_id: {count, adamic_adar, contacts[{contact_id, name (the caller''s own), owners}] (20)}}. owners: members known to have it, the caller included; numbers of over half the members (and more than 3) are left out.';

create function private.contact_numbers_of(owner_id uuid, contact_id uuid)
returns text[]
language sql stable
set search_path = ''
as $$
  select v.numbers from private.visible_contacts as v
   where v.user_id = contact_numbers_of.owner_id and v.id = contact_numbers_of.contact_id
$$;
comment on function private.contact_numbers_of(uuid, uuid) is 'The numbers of a contact that the caller may see.';

create function private.known_by(contact_id uuid, as_of timestamptz)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_me constant uuid := (select auth.uid());
  v_owner constant uuid := private.readable_contact_owner(known_by.contact_id);
  v_numbers constant text[] := private.contact_numbers_of(v_owner, known_by.contact_id);
  v_mutual jsonb;
  v_answer jsonb;
begin
  with holder as materialized (
    select v_owner as user_id, known_by.contact_id
    union
    select s.user_id, s.contact_id from private.shared_numbers(v_numbers) as s
    union
    select n.user_id, n.contact_id from public.contact_numbers as n where n.user_id = v_me and n.number = any (v_numbers)
  ),
  measured as materialized (
    select h.user_id, h.contact_id, s.calls + s.sms as events, s.active_days, s.first_ts, s.last_ts,
      (select count(*) from private.contact_activity as a
        where a.user_id = h.user_id and a.contact_id = h.contact_id and a.grain = 'day' and a.calls + a.sms > 0
          and a.bucket > date_trunc('day', known_by.as_of, 'UTC') - interval '90 days' and a.bucket <= known_by.as_of) as recent_days
      from holder as h join private.contact_stats as s on s.user_id = h.user_id and s.contact_id = h.contact_id
  )
  select private.mutual_contacts(array_agg(distinct m.user_id) filter (where m.user_id <> v_me), v_numbers),
    jsonb_agg(jsonb_build_object('user_id', m.user_id, 'display_name', p.display_name, 'is_me', m.user_id = v_me, 'contact_id', m.contact_id,
        'events', m.events, 'active_days', m.active_days, 'recent_active_days', m.recent_days,
        'first_interaction_at', m.first_ts, 'last_interaction_at', m.last_ts)
      order by m.recent_days desc, m.active_days desc, m.events desc, m.user_id, m.contact_id)
    into v_mutual, v_answer
    from measured as m join public.profiles as p on p.user_id = m.user_id;
  perform private.record_read((person ->> 'user_id')::uuid) from jsonb_array_elements(v_answer) as person;
  return coalesce((
    select jsonb_agg(person || jsonb_build_object('mutual', coalesce(v_mutual -> (person ->> 'user_id'), '{"count": 0, "adamic_adar": 0, "contacts": []}'))
      order by place)
      from jsonb_array_elements(v_answer) with ordinality as known (person, place)), '[]');
end;
$$;
comment on function private.known_by(uuid, timestamptz) is
  'Who knows the person behind a contact, best first (days with contact in the last 90, then of all time): the caller, the contact''s owner and teammates whose rules show contact and number; with what the caller shares with each (mutual).';
grant execute on function private.known_by(uuid, timestamptz) to authenticated;

create function private.together_with(contact_id uuid, starts_at timestamptz, ends_at timestamptz)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_owner constant uuid := private.readable_contact_owner(together_with.contact_id);
  v_hidden constant uuid[] := private.hidden_contacts(v_owner);
  v_answer jsonb;
begin
  with seen as materialized (
    select e.contact_id, e.ts from public.events as e
     where e.user_id = v_owner and e.ts >= together_with.starts_at and e.ts < together_with.ends_at
       and (e.contact_id is null or e.contact_id <> all (v_hidden))
  ),
  session as materialized (
    select t.contact_id, t.ts
      from (select s.contact_id, s.ts, lag(s.ts) over (partition by s.contact_id order by s.ts) as before_ts from seen as s where s.contact_id is not null) as t
     where t.before_ts is null or t.ts - t.before_ts > interval '1 hour'
  ),
  waking as (
    select count(*) as hours from (select distinct date_trunc('hour', s.ts, 'UTC') from seen as s) as hour
  ),
  own as (
    -- With the hours around it, so that what was near is found by hash.
    select s.ts, near.hour
      from session as s
      cross join lateral generate_series(floor(date_part('epoch', s.ts) / 3600)::bigint - 1, floor(date_part('epoch', s.ts) / 3600)::bigint + 1) as near (hour)
     where s.contact_id = together_with.contact_id
  ),
  other as (
    select s.contact_id, count(*) as sessions from session as s where s.contact_id <> together_with.contact_id group by s.contact_id
  ),
  met as (
    select o.contact_id, count(distinct own.ts) as support
      from own join session as o
        on floor(date_part('epoch', o.ts) / 3600)::bigint = own.hour and o.ts between own.ts - interval '1 hour' and own.ts + interval '1 hour' and o.contact_id <> together_with.contact_id
     group by o.contact_id
  ),
  judged as (
    select m.contact_id, m.support, o.sessions, n.sessions as own_sessions,
      n.sessions * (1 - exp(-least(o.sessions * 2.0 / w.hours, 700))) as expected
      from met as m join other as o on o.contact_id = m.contact_id
      cross join waking as w cross join (select count(distinct ts) as sessions from own) as n
     where m.support >= 3
  )
  select jsonb_agg(jsonb_build_object('contact_id', j.contact_id, 'name', v.name, 'support', j.support, 'sessions', j.sessions,
      'own_sessions', j.own_sessions, 'expected', round(j.expected::numeric, 2), 'lift', round((j.support / j.expected)::numeric, 2))
      order by j.support / j.expected desc, j.contact_id)
    into v_answer
    from (select * from judged as j where j.support / j.expected >= 1.5
            and 1 - private.poisson_at_most(j.support::integer - 1, least(j.expected, 600)::double precision) < 0.01
           order by j.support / j.expected desc, j.contact_id limit 20) as j
    cross join lateral (
      select c.name from private.visible_contacts as c where c.user_id = v_owner and c.id = j.contact_id offset 0) as v;
  return coalesce(v_answer, '[]');
end;
$$;
comment on function private.together_with(uuid, timestamptz, timestamptz) is
  'Contacts of the same log whose sessions (bursts with gaps of at most an hour) begin within 1 h of a session of this contact, more often than by chance: support (sessions of this contact so met, at least 3), expected (were the other''s sessions spread evenly over the hours in which the log has events), lift = support / expected (at least 1.5, Poisson p < 0.01); at most 20.';
grant execute on function private.together_with(uuid, timestamptz, timestamptz) to authenticated;

create function public.get_contact_relationships(
  contact_id uuid, starts_at timestamptz default null, ends_at timestamptz default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_now constant timestamptz := date_trunc('minute', now()) + interval '1 minute';
  v_to constant timestamptz := coalesce(get_contact_relationships.ends_at, v_now);
  v_from constant timestamptz := coalesce(get_contact_relationships.starts_at, v_to - interval '90 days');
  v_owner constant uuid := private.readable_contact_owner(get_contact_relationships.contact_id);
  v_contact jsonb;
begin
  perform private.require_scope('contacts:read');
  if v_from >= v_to then
    raise exception using errcode = 'PT400', message = 'range_invalid', detail = 'from must be before to';
  end if;
  if v_to - v_from > interval '366 days' then
    raise exception using errcode = 'PT400', message = 'range_too_large', detail = 'The period is longer than a year';
  end if;
  select jsonb_build_object('id', v.id, 'user_id', v.user_id, 'name', v.name) into v_contact
    from private.visible_contacts as v where v.user_id = v_owner and v.id = get_contact_relationships.contact_id;
  return jsonb_build_object(
    'contact', v_contact, 'from', v_from, 'to', v_to,
    'known_by', private.known_by(get_contact_relationships.contact_id, v_now),
    'together', private.together_with(get_contact_relationships.contact_id, v_from, v_to),
    'generated_at', now());
end;
$$;
comment on function public.get_contact_relationships(uuid, timestamptz, timestamptz) is
  'Around one contact of the caller, or a teammate''s as the privacy rules allow: {contact, from, to, known_by[{user_id, display_name, is_me, contact_id, events, active_days, recent_active_days, first_interaction_at, last_interaction_at, mutual{count, adamic_adar, contacts[]}}] (who knows this person, best first), together[{contact_id, name, support, expected, lift, …}] in [starts_at, ends_at) (default: the last 90 days), generated_at}. Errors: not_authenticated (401), contact_not_found (404), range_invalid, range_too_large (400).';
revoke execute on function public.get_contact_relationships(uuid, timestamptz, timestamptz) from public, anon;
grant execute on function public.get_contact_relationships(uuid, timestamptz, timestamptz) to authenticated;
