-- Reading and editing contacts.

create function public.get_contact(contact_id uuid)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_contact jsonb;
begin
  perform private.require_scope('contacts:read');
  select to_jsonb(v) || stats.fields into v_contact
    from private.visible_contacts as v
    cross join lateral (
      select jsonb_build_object('interaction_count', count(*),
               'first_interaction_at', min(e.ts), 'last_interaction_at', max(e.ts)) as fields
        from private.visible_events as e where e.user_id = v.user_id and e.contact_id = v.id
    ) as stats
   where v.id = get_contact.contact_id
     and v.user_id = any (array(select private.teammate_ids(private.role_rank('member'))) || (select auth.uid()));
  if v_contact is null then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact';
  end if;
  perform private.record_read((v_contact ->> 'user_id')::uuid);
  return v_contact;
end;
$$;
comment on function public.get_contact(uuid) is
  'One contact that the caller may read, with its number of events and the first and last time. Errors: contact_not_found (404), read_not_recorded (409).';
revoke execute on function public.get_contact(uuid) from public, anon;
grant execute on function public.get_contact(uuid) to authenticated;

create function public.get_contacts(
  q text default null, tag text default null, max_rows integer default 50,
  cursor_name text default null, cursor_id uuid default null, backward boolean default false)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('contacts:read');
  with mine as (
    -- Contacts without a name come last.
    select c.*, case when c.name is null then '~' else ' ' || lower(c.name) end as sort_name
      from public.contacts as c
     where c.user_id = (select auth.uid())
       and (get_contacts.tag is null or get_contacts.tag = any (c.tags))
       and coalesce(char_length(get_contacts.q), 0) <= 200
       and (get_contacts.q is null
            or position(lower(get_contacts.q) in lower(concat_ws(' ', c.name, c.company, array_to_string(c.also_known_as, ' ')))) > 0
            or exists (select from public.contact_numbers as n
                        where n.user_id = c.user_id and n.contact_id = c.id
                          and position(lower(regexp_replace(get_contacts.q, '[^0-9+A-Za-z]', '', 'g')) in lower(n.number)) > 0
                          and get_contacts.q ~ '[0-9A-Za-z]'))
  ),
  page as (
    select mine.*, row_number() over (
        order by case when not get_contacts.backward then mine.sort_name collate "C" end,
                 case when not get_contacts.backward then mine.id end,
                 case when get_contacts.backward then mine.sort_name collate "C" end desc,
                 case when get_contacts.backward then mine.id end desc) as position
      from mine
     where get_contacts.cursor_id is null
        or case when get_contacts.backward
             then (mine.sort_name collate "C", mine.id) < (get_contacts.cursor_name, get_contacts.cursor_id)
             else (mine.sort_name collate "C", mine.id) > (get_contacts.cursor_name, get_contacts.cursor_id) end
     order by position limit least(greatest(get_contacts.max_rows, 1), 200) + 1
  )
  select jsonb_build_object(
    'contacts', coalesce((
      select jsonb_agg(jsonb_build_object(
          'id', page.id, 'user_id', page.user_id, 'name', page.name, 'also_known_as', page.also_known_as,
          'company', page.company, 'tags', page.tags, 'notes', page.notes,
          'numbers', (select coalesce(jsonb_agg(n.number order by n.number), '[]') from public.contact_numbers as n
                       where n.user_id = page.user_id and n.contact_id = page.id),
          'interaction_count', stats.interaction_count, 'first_interaction_at', stats.first_at,
          'last_interaction_at', stats.last_at,
          'created_at', page.created_at, 'updated_at', page.updated_at, 'sort_name', page.sort_name)
        order by case when get_contacts.backward then -page.position else page.position end)
        from page
        cross join lateral (
          select count(*) as interaction_count, min(e.ts) as first_at, max(e.ts) as last_at
            from public.events as e where e.user_id = page.user_id and e.contact_id = page.id) as stats
       where page.position <= least(greatest(get_contacts.max_rows, 1), 200)), '[]'),
    'has_more', (select count(*) > least(greatest(get_contacts.max_rows, 1), 200) from page),
    'total', (select count(*) from mine),
    'total_is_estimate', false)
$$;
comment on function public.get_contacts(text, text, integer, text, uuid, boolean) is
  'A page of the caller''s contacts by name, those without one last: {contacts, has_more, total, total_is_estimate}. q is looked for in names, companies and numbers; keyset by (sort_name, id).';
revoke execute on function public.get_contacts(text, text, integer, text, uuid, boolean) from public, anon;
grant execute on function public.get_contacts(text, text, integer, text, uuid, boolean) to authenticated;

create function public.update_contact(contact_id uuid, changes jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('contacts:write');
  update public.contacts as c set
    name = case when update_contact.changes ? 'name' then nullif(btrim(update_contact.changes ->> 'name'), '') else c.name end,
    name_source = case
      when not update_contact.changes ? 'name' then c.name_source
      when nullif(btrim(update_contact.changes ->> 'name'), '') is null then null else 'user' end,
    company = case when update_contact.changes ? 'company' then nullif(btrim(update_contact.changes ->> 'company'), '') else c.company end,
    tags = case when update_contact.changes ? 'tags'
      then array(select distinct tag from jsonb_array_elements_text(update_contact.changes -> 'tags') as tag order by tag) else c.tags end,
    notes = case when update_contact.changes ? 'notes' then nullif(update_contact.changes ->> 'notes', '') else c.notes end
   where c.user_id = (select auth.uid()) and c.id = update_contact.contact_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact of yours';
  end if;
  return public.get_contact(update_contact.contact_id);
exception when check_violation or invalid_parameter_value then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A field is longer than it may be';
end;
$$;
comment on function public.update_contact(uuid, jsonb) is
  'Changes name, company, tags or notes of one of the caller''s contacts (keys that are given) and returns it. Errors: contact_not_found (404), validation_failed (400).';
revoke execute on function public.update_contact(uuid, jsonb) from public, anon;
grant execute on function public.update_contact(uuid, jsonb) to authenticated;
