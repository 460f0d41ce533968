-- Search of events and contacts: numbers by any part, names with a typo, texts by their words; each way gives a list, and the
-- lists are fused.

create type private.contact_hit as (contact_id uuid, score double precision);

-- For definer functions that checked the caller. A teammate is found by what he is shown: name and company.
create function private.named_contacts(owner_id uuid, name text)
returns setof private.contact_hit
language plpgsql stable rows 20
set search_path = '' set plan_cache_mode = force_custom_plan set pg_trgm.word_similarity_threshold = 0.4
as $$
declare
  v_is_own constant boolean := named_contacts.owner_id = (select auth.uid());
  v_hidden constant uuid[] := private.hidden_contacts(named_contacts.owner_id);
  v_visible constant text := case when v_is_own then 'private.contact_words(c.name, c.company, c.also_known_as)'
    else 'private.contact_words(c.name, c.company, ''{}'')' end;
  v_indexed constant text := 'private.contact_words(c.name, c.company, c.also_known_as)';
  v_words constant text[] := string_to_array(named_contacts.name, ' ');
  v_swapped text[];
begin
  -- Each word begins a word of the name; a name that is or begins with the words comes first. "offset 0": the words of a
  -- contact are made once.
  return query execute format(
    'select c.id, case when c.words like '' '' || $2 || '' | %%'' or c.words = '' '' || $2 || '' '' then 4.0 when c.words like '' '' || $2 || ''%%'' then 3.0 else 2.0 end::double precision
       from (select c.id, %1$s as words from public.contacts as c where c.user_id = $1 and c.id <> all ($3) and %2$s offset 0) as c
      where %3$s order by 2 desc, c.id limit 500', v_visible,
    (select string_agg(format('%s like %L', v_indexed, '% ' || word || '%'), ' and ') from unnest(v_words) as word),
    case when v_is_own then 'true'
      else (select string_agg(format('c.words like %L', '% ' || word || '%'), ' and ') from unnest(v_words) as word) end)
    using named_contacts.owner_id, named_contacts.name, v_hidden;
  if found or char_length(named_contacts.name) < 3 then
    return;
  end if;
  -- Two letters that changed places leave few trigrams alike in a short name, so each such change is undone and looked for.
  v_swapped := array(
    select overlay(named_contacts.name placing reverse(substr(named_contacts.name, i, 2)) from i for 2)
      from generate_series(1, least(char_length(named_contacts.name), 30) - 1) as i where substr(named_contacts.name, i, 2) !~ ' ');
  return query execute format(
    'select c.id, c.score
       from (
         select c.id, case when position($2 in c.words) > 0 then 1.0 else greatest(extensions.word_similarity($2, c.words),
             (select 0.9 where exists (select from unnest($4) as swapped where position('' '' || swapped in c.words) > 0))) end::double precision as score
           from (select c.id, %1$s as words from public.contacts as c
                  where c.user_id = $1 and c.id <> all ($3) and (%2$s like %3$L or $2 operator(extensions.<%%) %2$s %4$s) offset 0) as c
         offset 0) as c
      where c.score >= 0.4::real order by c.score desc, c.id limit 50', v_visible, v_indexed, '%' || named_contacts.name || '%',
      (select string_agg(format('or %s like %L', v_indexed, '% ' || swapped || '%'), ' ') from unnest(v_swapped) as swapped))
    using named_contacts.owner_id, named_contacts.name, v_hidden, v_swapped;
end;
$$;
comment on function private.named_contacts(uuid, text) is
  'Contacts by name, other name or company: as typed (score 4 all, 3 the beginning, 2 the beginnings of words); where there is none, within a word (1), with two letters changed over (0.9) or alike (trigram word similarity of at least 0.4). For definer functions that checked the caller.';

create type private.number_hit as (number text, contact_id uuid, score double precision);

create function private.matching_numbers(owner_id uuid, part text)
returns setof private.number_hit
language sql stable rows 20
set search_path = ''
as $$
  select n.number, n.contact_id,
    case when ltrim(lower(n.number), '+') = matching_numbers.part then 3
      when right(n.number, char_length(matching_numbers.part)) = matching_numbers.part then 2 else 1 end::double precision
  from public.contact_numbers as n
  where n.user_id = matching_numbers.owner_id and position(matching_numbers.part in lower(n.number)) > 0
    and not exists (
      select from public.privacy_rules as r
       where r.user_id = n.user_id and r.contact_id = n.contact_id and n.user_id <> (select auth.uid())
         and (r.visibility = 'private' or r.mask_number))
  order by 3 desc, 1
  limit 500
$$;
comment on function private.matching_numbers(uuid, text) is
  'Numbers and named senders that the caller may see and that have this part: all of it (score 3), its end (2), within (1). For definer functions that checked the caller.';

create type private.hit_list as (ids uuid[], times timestamptz[], total bigint, is_exact boolean);
comment on type private.hit_list is
  'Events that one way of searching found, best first; total counts those that were not read too, and may be an estimate.';

create function private.hit_conditions(filter private.event_filter, place private.page_position, searched_at timestamptz, is_own boolean)
returns text
language sql immutable parallel safe
set search_path = ''
as $$
  select concat_ws(' and ', private.event_conditions(hit_conditions.filter, hit_conditions.is_own),
    case when (hit_conditions.place).at is not null then
      format('(v.ts, v.id) %s (($3).at, ($3).id)',
        case when (hit_conditions.place).is_ascending <> (hit_conditions.place).is_backward then '>' else '<' end) end,
    case when hit_conditions.searched_at is not null then 'v.created_at <= $4' end)
$$;
comment on function private.hit_conditions(private.event_filter, private.page_position, timestamptz, boolean) is
  'Which events v count as hits: $1 the owner, $2 the filter, $3 the place after which to look, $4 when the first page was asked for.';

-- A word is either frequent, and then among the newest texts, or rare, and then the index has few; so the newest are looked
-- through first, and the price does not grow with the texts. Estimates come from what the caller may see only.
create function private.text_hits(owner_id uuid, words tsquery, filter private.event_filter, place private.page_position, searched_at timestamptz)
returns private.hit_list
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  c_newest constant integer := 6000;
  v_is_own constant boolean := text_hits.owner_id = (select auth.uid());
  v_order constant text := case when (text_hits.place).is_ascending <> (text_hits.place).is_backward then 't.ts, t.event_id' else 't.ts desc, t.event_id desc' end;
  v_joined constant boolean := text_hits.searched_at is not null
    or private.count_measure(text_hits.filter) is distinct from 'a.calls + a.sms';
  v_hidden constant uuid[] := private.hidden_contacts(text_hits.owner_id);
  v_open constant uuid[] := case when not v_is_own then array(
    select r.contact_id from public.privacy_rules as r
     where r.user_id = text_hits.owner_id and not r.mask_content and r.contact_id <> all (v_hidden)) end;
  v_texts text;
  v_readable text;
  v_list private.hit_list;
  v_scanned bigint;
  v_found bigint;
  v_oldest timestamptz;
  v_period private.event_filter;
  v_window private.event_filter;
begin
  v_texts := concat_ws(' and ', 't.user_id = $1',
    case when (text_hits.filter).starts_at is not null then 't.ts >= ($2).starts_at' end,
    case when (text_hits.filter).ends_at is not null then 't.ts < ($2).ends_at' end,
    case when (text_hits.place).at is not null then format('(t.ts, t.event_id) %s (($3).at, ($3).id)',
      case when (text_hits.place).is_ascending <> (text_hits.place).is_backward then '>' else '<' end) end,
    case when (text_hits.filter).contact_id is not null then 't.contact_id = ($2).contact_id' end,
    -- Texts are masked unless a rule says otherwise, for a contact as a whole.
    case when not v_is_own then 't.contact_id = any ($6)' end);
  v_readable := case when v_joined then format(
    'and exists (select from %s as v where v.id = t.event_id and %s and v.content is not null)',
    case when v_is_own then 'public.events' else 'private.judged_events' end,
    private.hit_conditions(text_hits.filter, text_hits.place, text_hits.searched_at, v_is_own)) end;

  if v_is_own and (text_hits.filter).contact_id is null then
    execute format(
      'with newest as materialized (
              select t.event_id, t.ts, case when t.words @@ $5 then t.words end as words from private.event_texts as t where %1$s order by %2$s limit %4$s),
            hit as materialized (select t.* from newest as t where t.words is not null %3$s),
            best as (select t.*, ts_rank(t.words, $5) as rank from hit as t order by %2$s limit ($3).max_rows)
       select (select count(*) from newest), (select count(*) from hit), (select min(ts) from newest),
         array_agg(event_id order by rank desc, ts desc, event_id desc), array_agg(ts order by rank desc, ts desc, event_id desc) from best',
      v_texts, v_order, v_readable, c_newest)
      into v_scanned, v_found, v_oldest, v_list.ids, v_list.times
      using text_hits.owner_id, text_hits.filter, text_hits.place, text_hits.searched_at, text_hits.words;
    v_list.total := v_found;
    v_list.is_exact := v_scanned < c_newest;
    if v_list.is_exact then
      return v_list;
    elsif v_found >= (text_hits.place).max_rows then
      v_period := row((text_hits.filter).starts_at, (text_hits.filter).ends_at, null, null, null, null, null, null, null, null, null, null);
      v_window := v_period;
      v_window.starts_at := v_oldest;
      if (text_hits.place).at is null and not (text_hits.place).is_ascending then
        v_list.total := greatest(v_found, round(v_found::numeric
          * private.count_rolled_up(text_hits.owner_id, v_period, 'a.calls + a.sms')
          / greatest(private.count_rolled_up(text_hits.owner_id, v_window, 'a.calls + a.sms'), 1)));
      end if;
      return v_list;
    end if;
  end if;

  execute format(
    'with hit as materialized (select t.event_id, t.ts, t.words from private.event_texts as t where %1$s and t.words @@ $5 %3$s),
          best as (select t.*, ts_rank(t.words, $5) as rank from hit as t order by %2$s limit ($3).max_rows)
     select (select count(*) from hit),
       array_agg(event_id order by rank desc, ts desc, event_id desc), array_agg(ts order by rank desc, ts desc, event_id desc) from best',
    v_texts, v_order, v_readable)
    into v_list.total, v_list.ids, v_list.times
    using text_hits.owner_id, text_hits.filter, text_hits.place, text_hits.searched_at, text_hits.words, v_open;
  v_list.is_exact := true;
  return v_list;
end;
$$;
comment on function private.text_hits(uuid, tsquery, private.event_filter, private.page_position, timestamptz) is
  'The newest max_rows events with these words (the oldest when ascending), after a place in time where one is given, ranked by ts_rank. For definer functions that checked the caller.';

-- Of each contact or number the newest, from the index.
create function private.key_hits(
  owner_id uuid, key text, keys text[], scores double precision[], filter private.event_filter, place private.page_position,
  by_score boolean, searched_at timestamptz)
returns private.hit_list
language plpgsql stable
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_is_own constant boolean := key_hits.owner_id = (select auth.uid());
  v_order constant text := case when (key_hits.place).is_ascending <> (key_hits.place).is_backward then 'v.ts, v.id' else 'v.ts desc, v.id desc' end;
  -- All events of a contact are counted already.
  v_is_counted constant boolean := key_hits.key = 'contact' and key_hits.filter is null and key_hits.searched_at is null;
  v_keys text[] := key_hits.keys;
  v_scores double precision[] := key_hits.scores;
  v_total bigint;
  v_list private.hit_list;
begin
  if v_is_counted then
    -- Who comes after contacts with enough events has none among the best.
    select array_agg(w.key order by w.position) filter (where not key_hits.by_score or w.before < (key_hits.place).max_rows),
      array_agg(w.score order by w.position) filter (where not key_hits.by_score or w.before < (key_hits.place).max_rows), sum(w.events)
      into v_keys, v_scores, v_total
      from (select wanted.key, wanted.score, wanted.position, a.calls + a.sms as events,
              coalesce(sum(a.calls + a.sms) over (order by wanted.score desc groups between unbounded preceding and 1 preceding), 0) as before
              from unnest(key_hits.keys, key_hits.scores) with ordinality as wanted (key, score, position)
              join private.contact_stats as a on a.user_id = key_hits.owner_id and a.contact_id = wanted.key::uuid) as w;
  end if;
  execute format(
    'with hit as materialized (
       select v.id, v.ts, wanted.score, count(*) over (partition by wanted.position) as found
         from unnest($5, $6) with ordinality as wanted (key, score, position)
         cross join lateral (
           select v.id, v.ts from %1$s as v where %2$s and %3$s order by %4$s limit ($3).max_rows + 1) as v
     ),
     best as (select h.id, h.ts, h.score from hit as h order by %5$s limit ($3).max_rows)
     select (select count(*) from hit), (select coalesce(max(found), 0) <= ($3).max_rows from hit),
       array_agg(id order by score desc, ts desc, id desc), array_agg(ts order by score desc, ts desc, id desc) from best',
    case when v_is_own then 'public.events' else 'private.judged_events' end,
    private.hit_conditions(key_hits.filter, key_hits.place, key_hits.searched_at, v_is_own),
    case when key_hits.key = 'contact' then 'v.contact_id = wanted.key::uuid'
      when v_is_own then 'v.number = wanted.key' else 'v.raw_number = wanted.key and v.number = wanted.key' end,
    v_order, case when key_hits.by_score then 'h.score desc, h.ts desc, h.id desc' else replace(v_order, 'v.', 'h.') end)
    into v_list.total, v_list.is_exact, v_list.ids, v_list.times
    using key_hits.owner_id, key_hits.filter, key_hits.place, key_hits.searched_at, v_keys, v_scores;
  if v_is_counted then
    v_list.total := v_total;
    v_list.is_exact := true;
  end if;
  return v_list;
end;
$$;
comment on function private.key_hits(uuid, text, text[], double precision[], private.event_filter, private.page_position, boolean, timestamptz) is
  'Events of these contacts or numbers: max_rows of them by score, then the newest; or in the place''s order, after it. For definer functions that checked the caller.';

-- Every way of searching that the query allows: text, name, number.
create function private.search_lists(
  owner_id uuid, query private.search_query, filter private.event_filter, place private.page_position, by_score boolean, searched_at timestamptz)
returns private.hit_list[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_nothing constant private.hit_list := row('{}', '{}', 0, true);
  v_lists private.hit_list[] := array[v_nothing, v_nothing, v_nothing];
  v_keys text[];
  v_scores double precision[];
  v_found bigint;
  v_list private.hit_list;
  c_keys constant integer := 100;
begin
  if (search_lists.query).words is not null then
    v_lists[1] := private.text_hits(search_lists.owner_id, (search_lists.query).words, search_lists.filter, search_lists.place, search_lists.searched_at);
  end if;
  if (search_lists.query).name is not null then
    select array_agg(best.contact_id), array_agg(best.score), max(best.keys) into v_keys, v_scores, v_found
      from (select hit.contact_id, hit.score, count(*) over () as keys
              from private.named_contacts(search_lists.owner_id, (search_lists.query).name) as hit
              join private.contact_stats as a on a.user_id = search_lists.owner_id and a.contact_id = hit.contact_id
             order by hit.score desc, a.last_ts desc, hit.contact_id limit c_keys) as best;
    if v_keys is not null then
      v_list := private.key_hits(search_lists.owner_id, 'contact', v_keys, v_scores, search_lists.filter, search_lists.place, search_lists.by_score, search_lists.searched_at);
      v_list.is_exact := v_list.is_exact and v_found <= c_keys;
      v_lists[2] := v_list;
    end if;
  end if;
  if (search_lists.query).number is not null then
    select array_agg(best.number), array_agg(best.score), max(best.keys) into v_keys, v_scores, v_found
      from (select hit.number, hit.score, count(*) over () as keys
              from private.matching_numbers(search_lists.owner_id, (search_lists.query).number) as hit
             order by hit.score desc, hit.number limit c_keys) as best;
    if v_keys is not null then
      v_list := private.key_hits(search_lists.owner_id, 'number', v_keys, v_scores, search_lists.filter, search_lists.place, search_lists.by_score, search_lists.searched_at);
      v_list.is_exact := v_list.is_exact and v_found <= c_keys;
      v_lists[3] := v_list;
    end if;
  end if;
  return v_lists;
end;
$$;
comment on function private.search_lists(uuid, private.search_query, private.event_filter, private.page_position, boolean, timestamptz) is
  'The hits by text, by name (of the best 100 contacts) and by number (the best 100). For definer functions that checked the caller.';

create function private.count_hits(lists private.hit_list[])
returns private.event_count
language sql immutable parallel safe
set search_path = ''
as $$
  with list as (select l.ids, l.total, l.is_exact, l.total = coalesce(cardinality(l.ids), 0) and l.is_exact as is_whole
                  from unnest(count_hits.lists) as l where l.total > 0),
    read as (select count(*) as listed, count(distinct id) as events from list cross join unnest(list.ids) as id),
    summed as (select coalesce(sum(total), 0)::bigint as total, coalesce(bool_and(is_exact and (is_whole or lists = 1)), true) as is_exact
                 from (select *, count(*) over () as lists from list) as l)
  select row(summed.total - (read.listed - read.events), not summed.is_exact)::private.event_count from summed cross join read
$$;
comment on function private.count_hits(private.hit_list[]) is
  'How many events the lists have together: exact when all were read, or when there is one list that counted.';

-- Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009): an event's score is the sum of 1 / (60 + rank) over the lists.
create function private.search_events(
  owner_id uuid, search_text text, filter private.event_filter, place private.page_position, by_score boolean, cursor_score numeric, searched_at timestamptz)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_filter private.event_filter;
  v_is_own constant boolean := search_events.owner_id = (select auth.uid());
  v_query constant private.search_query := private.read_query(search_events.search_text);
  v_first constant private.page_position := row(null, null, false, false, 200);
  v_after private.page_position := search_events.place;
  v_rows constant integer := (search_events.place).max_rows;
  v_all private.hit_list[];
  v_lists private.hit_list[];
  v_count private.event_count;
  v_events jsonb;
begin
  perform private.require_readable_owner(search_events.owner_id);
  if (search_events.filter).line_id is not null and not v_is_own then
    return jsonb_build_object('events', '[]'::jsonb, 'has_more', false, 'total', 0, 'total_is_estimate', false);
  end if;
  v_filter := private.shown_filter(search_events.owner_id, search_events.filter);
  v_all := private.search_lists(search_events.owner_id, v_query, v_filter, v_first, true, search_events.searched_at);
  v_count := private.count_hits(v_all);
  v_lists := v_all;
  if not search_events.by_score then
    v_after.max_rows := v_rows + 1;
    v_lists := private.search_lists(search_events.owner_id, v_query, v_filter, v_after, false, null);
  end if;
  execute format(
    'with listed as (
       select hit.id, hit.ts, 1.0 / (60 + hit.position) as score, list.route
         from unnest(array[''text'', ''name'', ''number''], array[1, 2, 3]) as list (route, i)
         cross join lateral unnest(($1[list.i]).ids, ($1[list.i]).times) with ordinality as hit (id, ts, position)
     ),
     fused as (
       select id, ts, round(sum(score), 10) as score, jsonb_agg(route order by route desc) as matched_by from listed group by id, ts
     ),
     page as (
       select *, row_number() over (order by %1$s) as position from fused where %2$s order by %1$s limit $5 + 1
     )
     select coalesce(jsonb_agg(to_jsonb(v) || jsonb_build_object(''score'', page.score, ''matched_by'', page.matched_by,
         ''highlights'', jsonb_build_object(
           ''content'', case when ($6).words is not null and v.content is not null then private.highlights(v.content, ($6).words) else ''[]'' end,
           ''contact_name'', case when ($6).name is not null and v.contact_name is not null then private.highlights(v.contact_name, ($6).words) else ''[]'' end,
           ''number'', case when ($6).number is not null and v.number is not null then private.number_highlights(v.number, ($6).number) else ''[]'' end))
         order by page.position), ''[]'')
       from page
       cross join lateral (select %3$s from private.judged_events as v where v.user_id = $7 and v.id = page.id) as v',
    case when search_events.by_score then
        case when (search_events.place).is_backward then 'score, ts, id' else 'score desc, ts desc, id desc' end
      when (search_events.place).is_ascending <> (search_events.place).is_backward then 'ts, id' else 'ts desc, id desc' end,
    case when not search_events.by_score or (search_events.place).at is null then 'true'
      else format('(score, ts, id) %s ($2, $3, $4)', case when (search_events.place).is_backward then '>' else '<' end) end,
    private.event_columns())
    into v_events
    using v_lists, search_events.cursor_score, (search_events.place).at, (search_events.place).id, v_rows, v_query, search_events.owner_id;
  return jsonb_build_object(
    'events', case when (search_events.place).is_backward then (
        select coalesce(jsonb_agg(value order by position desc), '[]')
          from jsonb_array_elements(v_events) with ordinality as page (value, position) where position <= v_rows)
      else v_events - v_rows end,
    'has_more', jsonb_array_length(v_events) > v_rows,
    'total', v_count.total, 'total_is_estimate', v_count.is_estimate,
    'searched_at', coalesce(search_events.searched_at, now()));
end;
$$;
comment on function private.search_events(uuid, text, private.event_filter, private.page_position, boolean, numeric, timestamptz) is
  'The work of public.search_events. What is masked for the caller is neither found nor counted nor highlighted: private.judged_events says what is.';
grant execute on function private.search_events(uuid, text, private.event_filter, private.page_position, boolean, numeric, timestamptz) to authenticated;

create function public.search_events(
  search_text text,
  starts_at timestamptz default null,
  ends_at timestamptz default null,
  contact_id uuid default null,
  number text default null,
  type text default null,
  direction text default null,
  status text default null,
  source text default null,
  line_id uuid default null,
  min_duration integer default null,
  max_duration integer default null,
  updated_since timestamptz default null,
  user_id uuid default null,
  sort text default 'relevance',
  max_rows integer default 50,
  cursor_score numeric default null,
  cursor_ts timestamptz default null,
  cursor_id uuid default null,
  backward boolean default false,
  searched_at timestamptz default null
)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(search_events.user_id, (select auth.uid()));
  v_filter constant private.event_filter := row(search_events.starts_at, search_events.ends_at, search_events.contact_id,
    search_events.number, search_events.type, search_events.direction, search_events.status, search_events.source,
    search_events.line_id, search_events.min_duration, search_events.max_duration, search_events.updated_since);
begin
  perform private.require_scope('events:read');
  perform private.require_filter(v_filter);
  if coalesce(search_events.sort, '') not in ('relevance', 'desc', 'asc') then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'The order is relevance, desc or asc';
  end if;
  return private.search_events(v_owner, search_events.search_text, v_filter,
    row(search_events.cursor_ts, search_events.cursor_id, coalesce(search_events.backward, false), search_events.sort = 'asc',
      least(greatest(coalesce(search_events.max_rows, 50), 1), 200)),
    search_events.sort = 'relevance', search_events.cursor_score, search_events.searched_at);
end;
$$;
comment on function public.search_events(text, timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, numeric, timestamptz, uuid, boolean, timestamptz) is
  'Events of the caller, or of a teammate (user_id) as the privacy rules allow, by number (any part), by the name of the contact (also with a typo) and by the words of the text ("a phrase", -without, or; the last word may be a beginning): {events [event + {score, matched_by, highlights {content, contact_name, number: [{start, end}]}}], has_more, total, total_is_estimate, searched_at}. By relevance it ranks the newest 200 of each way and fuses them by reciprocal rank; sort desc or asc leads through all by time. Keyset by (score, ts, id), or (ts, id); pages after the first pass searched_at on, so that new events shift none. Highlights are UTF-16 ranges into the field, which is given as it is, not as HTML. Errors: not_authenticated (401), validation_failed, range_invalid (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.search_events(text, timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, numeric, timestamptz, uuid, boolean, timestamptz) from public, anon;
grant execute on function public.search_events(text, timestamptz, timestamptz, uuid, text, text, text, text, text, uuid, integer, integer, timestamptz, uuid, text, integer, numeric, timestamptz, uuid, boolean, timestamptz) to authenticated;

create function private.search_contacts(owner_id uuid, search_text text)
returns table (contact_id uuid, score numeric, matched_by jsonb, stats jsonb)
language plpgsql stable security definer rows 200
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  v_query constant private.search_query := private.read_query(search_contacts.search_text);
begin
  perform private.require_readable_owner(search_contacts.owner_id);
  return query
  with hit as (
    select n.contact_id, n.score, 'name' as route
      from private.named_contacts(search_contacts.owner_id, v_query.name) as n where v_query.name is not null
    union all
    select m.contact_id, max(m.score), 'number'
      from private.matching_numbers(search_contacts.owner_id, v_query.number) as m where v_query.number is not null
     group by m.contact_id
  ),
  ranked as (
    select hit.contact_id, hit.route, coalesce(a.calls + a.sms, 0) as interactions, a.first_ts, a.last_ts,
        row_number() over (partition by hit.route order by hit.score desc, coalesce(a.calls + a.sms, 0) desc, hit.contact_id) as rank
      from hit
      left join private.contact_stats as a on a.user_id = search_contacts.owner_id and a.contact_id = hit.contact_id
     where search_contacts.owner_id = (select auth.uid()) or a.contact_id is not null
  )
  select r.contact_id, round(sum(1.0 / (60 + r.rank)), 10), jsonb_agg(r.route order by r.route),
      jsonb_build_object('interaction_count', r.interactions, 'first_interaction_at', r.first_ts, 'last_interaction_at', r.last_ts)
    from ranked as r group by r.contact_id, r.interactions, r.first_ts, r.last_ts;
end;
$$;
comment on function private.search_contacts(uuid, text) is
  'Contacts of a person that the caller may see, by name and number, fused by reciprocal rank; equals by how much there was with them. Errors: validation_failed (400), and those of private.require_readable_owner.';
grant execute on function private.search_contacts(uuid, text) to authenticated;

create function public.search_contacts(
  search_text text, user_id uuid default null, max_rows integer default 50,
  cursor_score numeric default null, cursor_id uuid default null, backward boolean default false)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_owner constant uuid := coalesce(search_contacts.user_id, (select auth.uid()));
  v_rows constant integer := least(greatest(coalesce(search_contacts.max_rows, 50), 1), 200);
  v_back constant boolean := coalesce(search_contacts.backward, false);
  v_query constant private.search_query := private.read_query(search_contacts.search_text);
  v_answer jsonb;
begin
  perform private.require_scope('contacts:read');
  with found as materialized (select f.* from private.search_contacts(v_owner, search_contacts.search_text) as f),
  page as (
    select f.*, row_number() over (order by case when v_back then f.score else -f.score end, case when v_back then f.contact_id end desc, case when not v_back then f.contact_id end) as position
      from found as f
     where search_contacts.cursor_id is null
        or case when v_back then (-f.score, f.contact_id) < (-search_contacts.cursor_score, search_contacts.cursor_id)
             else (-f.score, f.contact_id) > (-search_contacts.cursor_score, search_contacts.cursor_id) end
  )
  select jsonb_build_object(
    'contacts', coalesce((
      select jsonb_agg(to_jsonb(v) || page.stats || jsonb_build_object('score', page.score, 'matched_by', page.matched_by,
          'highlights', jsonb_build_object(
            'name', case when v_query.name is not null and v.name is not null then private.highlights(v.name, v_query.words) else '[]' end,
            'numbers', case when v_query.number is null then '[]' else
              (select coalesce(jsonb_agg(private.number_highlights(n, v_query.number)), '[]') from unnest(v.numbers) as n) end))
        order by -page.score, v.id)
        from page
        -- Each by its key, whatever the statistics suggest.
        cross join lateral (
          select * from private.visible_contacts as v where v.user_id = v_owner and v.id = page.contact_id offset 0) as v
       where page.position <= v_rows), '[]'),
    'has_more', (select count(*) > v_rows from page),
    'total', (select count(*) from found), 'total_is_estimate', false) into v_answer;
  return v_answer;
end;
$$;
comment on function public.search_contacts(text, uuid, integer, numeric, uuid, boolean) is
  'Contacts of the caller, or of a teammate (user_id) as the privacy rules allow, by name, other name or company (beginnings of words; where there is none, within a word or with a typo) and by any part of a number, best first: {contacts [contact + {interaction_count, first_interaction_at, last_interaction_at, score, matched_by, highlights {name: [{start, end}], numbers: [[{start, end}]]}}], has_more, total, total_is_estimate}. At most 1,000 are found. Keyset by (score, id). Errors: not_authenticated (401), validation_failed (400), role_insufficient (403), user_not_found (404).';
revoke execute on function public.search_contacts(text, uuid, integer, numeric, uuid, boolean) from public, anon;
grant execute on function public.search_contacts(text, uuid, integer, numeric, uuid, boolean) to authenticated;
