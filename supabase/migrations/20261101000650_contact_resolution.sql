-- Whose number is it: numbers and names made comparable, contacts found, made, named and joined.

-- Formatting is removed here; E.164 from a national number needs the numbering plans, which the functions have
-- (shared/phone_number.ts), so callers of the RPC send E.164.
create function private.clean_number(number text)
returns text
language plpgsql immutable strict parallel safe
set search_path = ''
as $$
begin
  if clean_number.number ~ '^\+[0-9]+$' then
    return clean_number.number;
  end if;
  return (select case
    when trimmed = '' or lower(trimmed) in ('unknown', '(unknown)', 'private', 'restricted',
      'anonymous', 'withheld', 'unavailable', 'null', '-1', '-2', '-3', '-4') then null
    when trimmed ~ '^\+?[0-9 ().\-/\u00a0]+$' then
      nullif(regexp_replace(regexp_replace(trimmed, '[^0-9+]', '', 'g'), '^00', '+'), '')
    else trimmed end
  from (select btrim(regexp_replace(clean_number.number, '^tel:', '', 'i'), E' \t\r\n\u00a0\u200e\u202a\u202c') as trimmed) as t);
end;
$$;
comment on function private.clean_number(text) is
  'A number without formatting; named senders as they are; null for the many ways of writing a withheld number.';
grant execute on function private.clean_number(text) to authenticated;

-- Names that only repeat the number, or say that there is none, are no names.
create function private.clean_name(name text)
returns text
language sql immutable strict parallel safe
set search_path = ''
as $$
  select case
    when trimmed ~ '^[0-9+ ().\-/*#]*$' or lower(trimmed) in ('(unknown)', 'unknown', 'null', 'private number') then null
    else left(trimmed, 200) end
  from (select btrim(regexp_replace(clean_name.name, '[\s\u00a0]+', ' ', 'g')) as trimmed) as t
$$;
comment on function private.clean_name(text) is 'A contact name worth keeping, or null.';

-- Joins two contacts of one owner: numbers, events and names go to the second; the stricter privacy rule wins.
create function private.merge_contacts(owner_id uuid, from_id uuid, into_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  update public.events as e set contact_id = merge_contacts.into_id
   where e.user_id = merge_contacts.owner_id and e.contact_id = merge_contacts.from_id;
  update public.contact_numbers as n set contact_id = merge_contacts.into_id
   where n.user_id = merge_contacts.owner_id and n.contact_id = merge_contacts.from_id;
  insert into public.privacy_rules as kept (user_id, contact_id, visibility, mask_number, mask_content)
  -- A contact without a rule has the defaults.
  select r.user_id, merge_contacts.into_id,
         case when mine.user_id is null and r.visibility = 'public' then 'team' else r.visibility end,
         r.mask_number, r.mask_content or mine.user_id is null
    from public.privacy_rules as r
    left join public.privacy_rules as mine on mine.user_id = r.user_id and mine.contact_id = merge_contacts.into_id
   where r.user_id = merge_contacts.owner_id and r.contact_id = merge_contacts.from_id
  on conflict (user_id, contact_id) do update set
    visibility = case
      when 'private' in (kept.visibility, excluded.visibility) then 'private'
      when 'team' in (kept.visibility, excluded.visibility) then 'team' else 'public' end,
    mask_number = kept.mask_number or excluded.mask_number,
    mask_content = kept.mask_content or excluded.mask_content;
  update public.contacts as target set
    name = coalesce(target.name, gone.name),
    name_source = coalesce(target.name_source, gone.name_source),
    also_known_as = (array(select distinct name from unnest(target.also_known_as || gone.also_known_as || gone.name) as name
                      where name is not null and name <> coalesce(target.name, gone.name)))[1:20],
    company = coalesce(target.company, gone.company),
    tags = (array(select distinct tag from unnest(target.tags || gone.tags) as tag))[1:50],
    notes = left(coalesce(target.notes || E'\n' || gone.notes, target.notes, gone.notes), 10000)
    from public.contacts as gone
   where target.user_id = merge_contacts.owner_id and target.id = merge_contacts.into_id
     and gone.user_id = merge_contacts.owner_id and gone.id = merge_contacts.from_id;
  delete from public.contacts as c where c.user_id = merge_contacts.owner_id and c.id = merge_contacts.from_id;
end;
$$;
comment on function private.merge_contacts(uuid, uuid, uuid) is
  'Moves everything of one contact to another of the same owner and removes the first. For definer functions only.';

create function private.name_rank(name_source text)
returns integer
language sql immutable parallel safe
set search_path = ''
as $$
  select case name_rank.name_source when 'user' then 3 when 'card' then 2 when 'log' then 1 else 0 end
$$;
comment on function private.name_rank(text) is 'Which name wins: the user''s, then an address card''s, then a log''s.';

-- Finds or makes the contacts of a batch. One name with several numbers is one contact (a phone's log names an
-- address-book entry); a number that comes under a second name keeps its contact, which remembers the name. Numbers
-- and names come in the order of the log: of two names the first one stays.
create function private.resolve_contacts(owner_id uuid, numbers text[], names text[], name_source text)
returns void
language plpgsql volatile
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  -- A statement that changes no row is planned and fires triggers all the same: it is left out.
  v_is_named constant boolean := exists (select from unnest(resolve_contacts.names) as name where name is not null);
  v_merge record;
begin
  if v_is_named then
    -- Numbers known so far without a name join the contact that has the name already.
    for v_merge in
      select known.contact_id as from_id, known.name,
             coalesce(
               (select c.id from public.contacts as c
                 where c.user_id = resolve_contacts.owner_id and lower(c.name) = lower(known.name) order by c.id limit 1),
               first_value(known.contact_id) over (partition by lower(known.name) order by known.contact_id)) as into_id
        from (
          select distinct on (n.contact_id) n.contact_id, given.name
            from unnest(resolve_contacts.numbers, resolve_contacts.names) with ordinality as given (number, name, position)
            join public.contact_numbers as n on n.user_id = resolve_contacts.owner_id and n.number = given.number
            join public.contacts as mine on mine.user_id = n.user_id and mine.id = n.contact_id and mine.name is null
           where given.name is not null
           order by n.contact_id, given.position
        ) as known
    loop
      if v_merge.from_id = v_merge.into_id then
        update public.contacts as c set name = v_merge.name, name_source = resolve_contacts.name_source
         where c.user_id = resolve_contacts.owner_id and c.id = v_merge.into_id;
      else
        perform private.merge_contacts(resolve_contacts.owner_id, v_merge.from_id, v_merge.into_id);
      end if;
    end loop;
  end if;

  if exists (select from unnest(resolve_contacts.numbers) as given (number)
              where given.number is not null
                and not exists (select from public.contact_numbers as n
                                 where n.user_id = resolve_contacts.owner_id and n.number = given.number)) then
    with fresh as (
      select given.number,
             (array_agg(given.name order by given.position) filter (where given.name is not null))[1] as name
        from unnest(resolve_contacts.numbers, resolve_contacts.names) with ordinality as given (number, name, position)
       where given.number is not null
         and not exists (select from public.contact_numbers as n
                          where n.user_id = resolve_contacts.owner_id and n.number = given.number)
       group by given.number
    ),
    named as (
      select fresh.number, fresh.name, coalesce(lower(fresh.name), '#' || fresh.number) as identity,
        (select c.id from public.contacts as c
          where c.user_id = resolve_contacts.owner_id and lower(c.name) = lower(fresh.name)
          order by c.id limit 1) as contact_id
      from fresh
    ),
    made as (
      insert into public.contacts (user_id, id, name, name_source)
      select resolve_contacts.owner_id, private.uuid_v7(), min(named.name),
             case when min(named.name) is not null then resolve_contacts.name_source end
        from named where named.contact_id is null
       group by named.identity
      returning id, name
    ),
    -- Contacts without a name are told apart by order only: each number without a name gets one of them.
    unnamed as (
      select array_agg(id order by id) as ids from made where name is null
    ),
    numbered as (
      select named.*, row_number() over (partition by named.name is null order by named.number) as position from named
    )
    insert into public.contact_numbers (user_id, number, contact_id)
    select resolve_contacts.owner_id, numbered.number, coalesce(
        numbered.contact_id,
        case when numbered.name is null then unnamed.ids[numbered.position] else made.id end)
      from numbered cross join unnamed left join made on lower(made.name) = lower(numbered.name);
  end if;

  if v_is_named then
    update public.contacts as c set
        name = case when private.name_rank(resolve_contacts.name_source) > private.name_rank(c.name_source)
          then best.name else c.name end,
        name_source = case when private.name_rank(resolve_contacts.name_source) > private.name_rank(c.name_source)
          then resolve_contacts.name_source else c.name_source end,
        also_known_as = (array(
          select distinct alias from unnest(c.also_known_as || best.names || c.name) as alias
           where alias is not null
             and alias <> case when private.name_rank(resolve_contacts.name_source) > private.name_rank(c.name_source)
               then best.name else c.name end))[1:20]
      from (
        select n.contact_id, (array_agg(given.name order by given.position))[1] as name,
               array_agg(distinct given.name) as names
          from unnest(resolve_contacts.numbers, resolve_contacts.names) with ordinality as given (number, name, position)
          join public.contact_numbers as n on n.user_id = resolve_contacts.owner_id and n.number = given.number
         where given.name is not null
         group by n.contact_id
      ) as best
     where c.user_id = resolve_contacts.owner_id and c.id = best.contact_id
       and not (c.name is not null and best.names <@ (c.also_known_as || c.name)
                and private.name_rank(resolve_contacts.name_source) <= private.name_rank(c.name_source));
  end if;
end;
$$;
comment on function private.resolve_contacts(uuid, text[], text[], text) is
  'Ties each number to a contact of its owner, making or naming contacts as needed. For definer functions only.';

-- Names for numbers: each card is one contact; contacts that its numbers or its name belonged to become that one.
create function private.ingest_cards(owner_id uuid, cards jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_cards constant jsonb := private.refuse_forgotten(ingest_cards.owner_id, ingest_cards.cards);
  v_card record;
  v_ids uuid[];
  v_counts integer[] := array[0, 0, 0];
  v_outcome integer;
begin
  perform private.lock_owner(ingest_cards.owner_id);
  for v_card in
    select private.clean_name(value ->> 'name') as name, left(nullif(btrim(value ->> 'company'), ''), 200) as company,
           array(select distinct private.clean_number(n) from jsonb_array_elements_text(value -> 'numbers') as n
                  where private.clean_number(n) is not null and char_length(n) <= 64) as numbers
      from jsonb_array_elements(v_cards) with ordinality as card (value, position) order by position
  loop
    v_ids := array(
      select c.id from public.contacts as c
       where c.user_id = ingest_cards.owner_id
         -- A union, since an "or" of the two reads every contact for every card.
         and c.id in (
           select same_name.id from public.contacts as same_name
            where same_name.user_id = ingest_cards.owner_id and lower(same_name.name) = lower(v_card.name)
           union
           select n.contact_id from public.contact_numbers as n
            where n.user_id = ingest_cards.owner_id and n.number = any (v_card.numbers))
         -- Two cards that share a landline are two people, unless the second has no other number.
         and case when c.name_source = 'card' and lower(c.name) <> lower(v_card.name)
           then v_card.numbers <@ array(select n.number from public.contact_numbers as n
                  where n.user_id = c.user_id and n.contact_id = c.id)
           else true end
       order by private.name_rank(c.name_source) desc, c.id);
    v_outcome := case when cardinality(v_ids) = 0 then 1
      when cardinality(v_ids) = 1 and exists (
        select from public.contacts as c where c.user_id = ingest_cards.owner_id and c.id = v_ids[1]
           and (private.name_rank(c.name_source) >= private.name_rank('card'))
           and (v_card.name is null or v_card.name = c.name or v_card.name = any (c.also_known_as))
           and coalesce(c.company, '') = coalesce(v_card.company, c.company, '')
           and v_card.numbers <@ array(select n.number from public.contact_numbers as n
                 where n.user_id = c.user_id and n.contact_id = c.id)) then 3
      else 2 end;
    v_counts[v_outcome] := v_counts[v_outcome] + 1;
    continue when v_outcome = 3;
    if v_outcome = 1 then
      insert into public.contacts (user_id, name, name_source, company)
      values (ingest_cards.owner_id, v_card.name, 'card', v_card.company) returning array[id] into v_ids;
    end if;
    perform private.merge_contacts(ingest_cards.owner_id, other, v_ids[1]) from unnest(v_ids[2:]) as other;
    update public.contacts as c set
        also_known_as = (array(select distinct alias from unnest(c.also_known_as || c.name || v_card.name) as alias
          where alias is not null and alias <> case when c.name_source = 'user' then c.name else coalesce(v_card.name, c.name) end))[1:20],
        name = case when c.name_source = 'user' then c.name else coalesce(v_card.name, c.name) end,
        name_source = case when c.name_source = 'user' or v_card.name is null then c.name_source else 'card' end,
        company = coalesce(c.company, v_card.company)
     where c.user_id = ingest_cards.owner_id and c.id = v_ids[1];
    insert into public.contact_numbers (user_id, number, contact_id)
    select ingest_cards.owner_id, number, v_ids[1] from unnest(v_card.numbers) as number
    on conflict (user_id, number) do nothing;
  end loop;
  return jsonb_build_object('inserted', v_counts[1], 'merged', v_counts[2], 'duplicate', v_counts[3],
    'refused', jsonb_array_length(ingest_cards.cards) - jsonb_array_length(v_cards));
end;
$$;
comment on function private.ingest_cards(uuid, jsonb) is
  'Takes in address cards [{name, numbers, company?}]: counts of contacts made (inserted), changed (merged), known (duplicate), or of nobody but whom the owner forgot (refused). For definer functions only.';
