-- Privacy rules: what teammates may see of a contact, one by one and in bulk. What a rule means is private.judged_events'.

create function private.default_rule()
returns jsonb
language sql immutable
set search_path = ''
as $$
  select '{"visibility": "team", "mask_number": false, "mask_content": true}'::jsonb
$$;
comment on function private.default_rule() is 'What holds for a contact without a rule: the column defaults of public.privacy_rules.';
grant execute on function private.default_rule() to authenticated;

create function public.get_privacy_rule(contact_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_rule jsonb;
begin
  perform private.require_scope('privacy:read');
  select jsonb_build_object('contact_id', c.id, 'contact_name', c.name, 'is_default', r.contact_id is null) || private.default_rule()
         || jsonb_strip_nulls(jsonb_build_object('visibility', r.visibility, 'mask_number', r.mask_number, 'mask_content', r.mask_content))
         || jsonb_build_object('updated_at', r.updated_at)
    into v_rule
    from public.contacts as c
    left join public.privacy_rules as r on r.user_id = c.user_id and r.contact_id = c.id
   where c.user_id = (select auth.uid()) and c.id = get_privacy_rule.contact_id;
  if v_rule is null then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact of yours';
  end if;
  return v_rule;
end;
$$;
comment on function public.get_privacy_rule(uuid) is
  'What teammates may see of one of the caller''s contacts: {contact_id, contact_name, visibility, mask_number, mask_content, is_default, updated_at (null for the default)}. Errors: contact_not_found (404).';
revoke execute on function public.get_privacy_rule(uuid) from public, anon;
grant execute on function public.get_privacy_rule(uuid) to authenticated;

create function public.get_privacy_rules(
  visibility text default null, max_rows integer default 50, cursor_id uuid default null, backward boolean default false)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_limit constant integer := least(greatest(coalesce(get_privacy_rules.max_rows, 50), 1), 200);
  v_backward constant boolean := coalesce(get_privacy_rules.backward, false);
  v_rows jsonb;
begin
  perform private.require_scope('privacy:read');
  select coalesce(jsonb_agg(to_jsonb(t) order by t.contact_id), '[]') into v_rows from (
    select r.contact_id, c.name as contact_name, r.visibility, r.mask_number, r.mask_content, false as is_default, r.updated_at
      from public.privacy_rules as r
      join public.contacts as c on c.user_id = r.user_id and c.id = r.contact_id
     where r.user_id = (select auth.uid())
       and (get_privacy_rules.visibility is null or r.visibility = get_privacy_rules.visibility)
       and (get_privacy_rules.cursor_id is null or case when v_backward
            then r.contact_id < get_privacy_rules.cursor_id else r.contact_id > get_privacy_rules.cursor_id end)
     order by case when v_backward then null else r.contact_id end, r.contact_id desc
     limit v_limit + 1) as t;
  return jsonb_build_object(
    'rules', case when jsonb_array_length(v_rows) <= v_limit then v_rows when v_backward then v_rows - 0 else v_rows - v_limit end,
    'has_more', jsonb_array_length(v_rows) > v_limit,
    'total', (select count(*) from public.privacy_rules as r where r.user_id = (select auth.uid())
      and (get_privacy_rules.visibility is null or r.visibility = get_privacy_rules.visibility)),
    'total_is_estimate', false);
end;
$$;
comment on function public.get_privacy_rules(text, integer, uuid, boolean) is
  'A page of the caller''s rules, those of a visibility where one is given: {rules [as get_privacy_rule], has_more, total, total_is_estimate}. Keyset by contact_id.';
revoke execute on function public.get_privacy_rules(text, integer, uuid, boolean) from public, anon;
grant execute on function public.get_privacy_rules(text, integer, uuid, boolean) to authenticated;

create function private.write_privacy_rules(contact_ids uuid[], tag text, rule jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  -- What a rule hides or shows moves between the roll-ups, about 0.1 ms an event: more would outlast the time of a statement.
  c_events constant integer := 20000;
  v_me constant uuid := (select auth.uid());
  v_rule constant jsonb := case when jsonb_typeof(coalesce(write_privacy_rules.rule, '{}')) = 'object'
    then private.default_rule() || coalesce(write_privacy_rules.rule, '{}') else '{}' end;
  v_ids uuid[];
  v_due uuid[];
  v_now uuid[];
begin
  if not coalesce(v_rule ->> 'visibility' in ('private', 'team', 'public') and jsonb_typeof(v_rule -> 'mask_number') = 'boolean'
       and jsonb_typeof(v_rule -> 'mask_content') = 'boolean' and (select count(*) = 3 from jsonb_object_keys(v_rule)), false) then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'A rule has visibility private, team or public, mask_number and mask_content';
  end if;
  -- Before the contacts: ingest takes its locks in this order too.
  perform private.lock_owner(v_me);
  v_ids := array(
    select c.id from public.contacts as c
     where c.user_id = v_me
       and case when write_privacy_rules.contact_ids is not null then c.id = any (write_privacy_rules.contact_ids)
                when write_privacy_rules.tag is not null then write_privacy_rules.tag = any (c.tags) else true end
     order by c.id);
  if cardinality(v_ids) <> (select count(distinct id) from unnest(write_privacy_rules.contact_ids) as id)
     and write_privacy_rules.contact_ids is not null then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact of yours';
  end if;
  with due as (
    select c.id, sum(s.calls + s.sms) over (order by c.id rows between unbounded preceding and 1 preceding) as events_before
      from unnest(v_ids) as c (id)
      left join public.privacy_rules as r on r.user_id = v_me and r.contact_id = c.id
      left join private.contact_stats as s on s.user_id = v_me and s.contact_id = c.id
     where case when write_privacy_rules.rule is null then r.contact_id is not null
           else (r.visibility, r.mask_number, r.mask_content)
             is distinct from (v_rule ->> 'visibility', (v_rule -> 'mask_number')::boolean, (v_rule -> 'mask_content')::boolean) end
  )
  select coalesce(array_agg(id), '{}'), coalesce(array_agg(id) filter (where coalesce(events_before, 0) < c_events), '{}') into v_due, v_now from due;
  if write_privacy_rules.rule is null then
    delete from public.privacy_rules as r where r.user_id = v_me and r.contact_id = any (v_now);
  else
    insert into public.privacy_rules as r (user_id, contact_id, visibility, mask_number, mask_content)
    select v_me, id, v_rule ->> 'visibility', (v_rule -> 'mask_number')::boolean, (v_rule -> 'mask_content')::boolean from unnest(v_now) as id
    on conflict (user_id, contact_id) do update
      set visibility = excluded.visibility, mask_number = excluded.mask_number, mask_content = excluded.mask_content;
  end if;
  return jsonb_build_object('contacts', cardinality(v_ids), 'changed', cardinality(v_now), 'more', cardinality(v_now) < cardinality(v_due));
end;
$$;
comment on function private.write_privacy_rules(uuid[], text, jsonb) is 'The work of public.set_privacy_rules.';
grant execute on function private.write_privacy_rules(uuid[], text, jsonb) to authenticated;

create function public.set_privacy_rules(
  rule jsonb, contact_ids uuid[] default null, tag text default null, is_for_all boolean default false)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  if num_nonnulls(set_privacy_rules.contact_ids, set_privacy_rules.tag, nullif(set_privacy_rules.is_for_all, false)) <> 1
     or cardinality(set_privacy_rules.contact_ids) > 1000 then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'Rules are set for up to 1000 contacts, for a tag, or for all';
  end if;
  return private.write_privacy_rules(set_privacy_rules.contact_ids, set_privacy_rules.tag, nullif(set_privacy_rules.rule, 'null'));
end;
$$;
comment on function public.set_privacy_rules(jsonb, uuid[], text, boolean) is
  'Gives the caller''s contacts, those with a tag or all of them one rule {visibility, mask_number?, mask_content?}; null takes their rules away: {contacts (so many are meant), changed, more}. Contacts with some 20,000 events are done in one call: while there are more, call again. What is left out of a rule is as for a contact without one. Errors: not_authenticated (401), validation_failed (400), contact_not_found (404).';
revoke execute on function public.set_privacy_rules(jsonb, uuid[], text, boolean) from public, anon;
grant execute on function public.set_privacy_rules(jsonb, uuid[], text, boolean) to authenticated;
