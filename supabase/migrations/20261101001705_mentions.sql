-- Whom a name in a question may mean: a person's contacts, companies, tags and lines, with typos.

-- Optimal string alignment: insertions, deletions, substitutions and two letters that changed places.
create function private.edit_distance(one text, other text)
returns integer
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_width constant integer := char_length(edit_distance.other);
  v_one constant text[] := string_to_array(edit_distance.one, null);
  v_other constant text[] := string_to_array(edit_distance.other, null);
  v_above integer[];
  v_before integer[] := array(select generate_series(0, v_width));
  v_row integer[];
  v_cost integer;
begin
  for i in 1 .. char_length(edit_distance.one) loop
    v_row := array[i];
    for j in 1 .. v_width loop
      v_cost := least(v_before[j + 1] + 1, v_row[j] + 1, v_before[j] + (v_one[i] <> v_other[j])::integer);
      if i > 1 and j > 1 and v_one[i] = v_other[j - 1] and v_one[i - 1] = v_other[j] then
        v_cost := least(v_cost, v_above[j - 1] + 1);
      end if;
      v_row[j + 1] := v_cost;
    end loop;
    v_above := v_before;
    v_before := v_row;
  end loop;
  return v_before[v_width + 1];
end;
$$;
comment on function private.edit_distance(text, text) is
  'How many letters must be put in, taken out, changed, or swapped with the next to make one text the other.';

-- How well a mention names something; both folded.
create function private.mention_score(mention text, name text)
returns double precision
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_words constant text[] := string_to_array(mention_score.name, ' ');
  v_said constant text[] := string_to_array(mention_score.mention, ' ');
  v_size constant integer := cardinality(v_said);
  v_part text;
  v_score double precision;
begin
  if mention_score.name = mention_score.mention then
    return 1;
  elsif mention_score.name like mention_score.mention || ' %' or mention_score.name like '% ' || mention_score.mention then
    return 0.9;
  elsif v_said <@ v_words then
    return 0.85;
  elsif not exists (select from unnest(v_said) as said
                     where not exists (select from unnest(v_words) as word where starts_with(word, said))) then
    return 0.75;
  elsif char_length(mention_score.mention) < 3 then
    return 0;
  end if;
  -- A typo in a word is told by letters, more of them by trigrams.
  v_score := extensions.strict_word_similarity(mention_score.mention, mention_score.name);
  for v_start in 1 .. greatest(cardinality(v_words) - v_size + 1, 1) loop
    v_part := array_to_string(v_words[v_start : v_start + v_size - 1], ' ');
    if abs(char_length(v_part) - char_length(mention_score.mention)) <= 2 and char_length(v_part) <= 40 then
      v_score := greatest(v_score,
        1 - private.edit_distance(mention_score.mention, v_part)::double precision / greatest(char_length(mention_score.mention), char_length(v_part)));
    end if;
  end loop;
  return round((0.7 * v_score)::numeric, 4);
end;
$$;
comment on function private.mention_score(text, text) is
  'How well a mention names something, both as private.fold leaves them: 1 all of it, 0.9 its first or last words, 0.85 words of it, 0.75 beginnings of its words, else 0.7 times how alike it and the name or as many words of it are (0 to 1, by letters or trigrams).';

create type private.mention_match as (mention text, kind text, id uuid, name text, also_known_as text, score double precision, exact boolean);
comment on type private.mention_match is
  'What a folded mention may mean: kind contact, company, tag or line; the other name by which a contact was found; score as private.mention_score; exact: by the whole name.';

-- What a contact is called and where it works, each name by itself and folded, so that a mention is compared with stored
-- text. Kept by triggers; read by definer functions only.
create table private.contact_names (
  user_id uuid not null,
  contact_id uuid not null,
  kind text not null check (kind in ('name', 'alias', 'company')),
  called text not null,
  folded text not null,
  primary key (user_id, contact_id, kind, called)
);
create index contact_names_folded_idx on private.contact_names using gin (user_id, folded extensions.gin_trgm_ops);
alter table private.contact_names alter column user_id set statistics 0;
comment on table private.contact_names is
  'Each name, other name and company of a contact as private.fold leaves it, with a space before and behind.';
insert into private.user_tables values ('private.contact_names', 'user_id', 'Names of contacts, for questions', null);

create view private.true_contact_names
as
select c.user_id, c.id as contact_id, n.kind, n.called, ' ' || private.fold(n.called) || ' ' as folded
from public.contacts as c
cross join lateral (
  select 'name' as kind, c.name as called where c.name is not null
  union all
  select distinct 'alias', alias from unnest(c.also_known_as) as alias where alias is not null
  union all
  select 'company', c.company where c.company is not null
) as n;
comment on view private.true_contact_names is 'What private.contact_names must hold, from the contacts. Granted to nobody.';

create function private.index_contact_names()
returns trigger
language plpgsql volatile security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
begin
  if tg_op = 'INSERT' then
    insert into private.contact_names
    select t.* from added as a join private.true_contact_names as t on t.user_id = a.user_id and t.contact_id = a.id;
  elsif tg_op = 'DELETE' then
    delete from private.contact_names as n using removed as r where n.user_id = r.user_id and n.contact_id = r.id;
  elsif exists (select user_id, id, name, also_known_as, company from added
                except select user_id, id, name, also_known_as, company from removed) then
    delete from private.contact_names as n using removed as r where n.user_id = r.user_id and n.contact_id = r.id;
    insert into private.contact_names
    select t.* from added as a join private.true_contact_names as t on t.user_id = a.user_id and t.contact_id = a.id;
  end if;
  return null;
end;
$$;
comment on function private.index_contact_names() is 'Trigger: keeps private.contact_names at the names of the contacts.';
insert into private.contact_names select t.* from private.true_contact_names as t;
create trigger contacts_names_insert after insert on public.contacts
  referencing new table as added for each statement execute function private.index_contact_names();
create trigger contacts_names_update after update on public.contacts
  referencing old table as removed new table as added for each statement execute function private.index_contact_names();
create trigger contacts_names_delete after delete on public.contacts
  referencing old table as removed for each statement execute function private.index_contact_names();

-- Names with words that begin so come first; only where none of them has the words themselves, what looks like them is looked
-- for, and not by an "or", which reads all names. Two letters that changed places leave few trigrams alike in a short word,
-- so each such change is undone. Of several words the longest finds the names that the others then judge.
create function private.mentioned_contacts(owner_id uuid, mentions text[])
returns setof private.mention_match
language plpgsql stable rows 100
set search_path = '' set jit = off set pg_trgm.word_similarity_threshold = 0.4
as $$
begin
  return query
  with said as materialized (
    select distinct m.mention, char_length(m.mention) as length,
        array(select '% ' || word || '%' from string_to_table(m.mention, ' ') as word order by char_length(word) desc) as begins
      from unnest(mentioned_contacts.mentions) as m (mention) where m.mention <> ''
  ),
  beginning as materialized (
    select s.mention, n.contact_id, n.kind, n.called, n.folded, private.mention_score(s.mention, btrim(n.folded)) * case n.kind when 'alias' then 0.98 else 1 end as score
      from said as s
      cross join lateral (
        select * from private.contact_names as n
         where n.user_id = mentioned_contacts.owner_id and n.folded like s.begins[1] and n.folded like all (s.begins[2:])
         order by n.folded <> ' ' || s.mention || ' ' limit 2000) as n
  ),
  unsure as materialized (
    select s.* from said as s
     where s.length >= 3 and not exists (
       select from beginning as b
        where b.mention = s.mention and b.score >= 0.8 and (b.kind = 'company' or exists (
          select from public.contacts as p where p.user_id = mentioned_contacts.owner_id and p.id = b.contact_id and p.name is not null)))
  ),
  alike as (
    select s.mention, n.contact_id, n.kind, n.called, n.folded, private.mention_score(s.mention, btrim(n.folded)) * case n.kind when 'alias' then 0.98 else 1 end as score
      from unsure as s
      cross join lateral (
        select n.* from (
            select b.contact_id, b.kind, b.called, b.folded, 1 as rank from beginning as b where b.mention = s.mention
            union
            select n.contact_id, n.kind, n.called, n.folded, 0 from private.contact_names as n
             where n.user_id = mentioned_contacts.owner_id and s.mention operator(extensions.<%) n.folded
            union
            select n.contact_id, n.kind, n.called, n.folded, 1
              from generate_series(1, case when s.length <= 7 then s.length - 1 else 0 end) as i
              join private.contact_names as n on n.user_id = mentioned_contacts.owner_id
               and n.folded like '% ' || overlay(s.mention placing reverse(substr(s.mention, i, 2)) from i for 2) || '%'
             where substr(s.mention, i, 2) !~ ' ') as n
         order by n.rank desc, extensions.strict_word_similarity(s.mention, n.folded) desc, n.contact_id limit 60) as n
  ),
  candidate as materialized (
    select b.* from beginning as b where b.score >= 0.35 and not exists (select from unsure as s where s.mention = b.mention)
    union all
    select a.* from alike as a where a.score >= 0.35
  )
  (select distinct on (c.mention, c.contact_id) c.mention, 'contact', c.contact_id, p.name, case c.kind when 'alias' then c.called end, c.score, c.folded = ' ' || c.mention || ' '
     from candidate as c join public.contacts as p on p.user_id = mentioned_contacts.owner_id and p.id = c.contact_id and p.name is not null
    where c.kind <> 'company'
    order by c.mention, c.contact_id, c.score desc, c.kind desc, c.called)
  union all
  (select distinct on (c.mention, c.folded) c.mention, 'company', null::uuid, c.called, null::text, c.score, c.folded = ' ' || c.mention || ' '
     from candidate as c where c.kind = 'company' order by c.mention, c.folded, c.called);
end;
$$;
comment on function private.mentioned_contacts(uuid, text[]) is
  'The owner''s contacts and companies that folded mentions may mean; those that are merely alike only where no word is the same. For definer functions only.';

create function private.match_mentions(mentions jsonb)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  c_matches constant integer := 6;
  v_owner constant uuid := (select auth.uid());
begin
  if jsonb_typeof(match_mentions.mentions) is distinct from 'array' or jsonb_array_length(match_mentions.mentions) > 20
     or exists (select from jsonb_array_elements(match_mentions.mentions) as m
                 where jsonb_typeof(m) <> 'string' or char_length(m #>> '{}') > 200) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'mentions is a list of at most 20 texts of at most 200 characters';
  end if;
  return (
  with said as materialized (
    select m.mention, m.position, private.fold(m.mention) as folded
      from jsonb_array_elements_text(match_mentions.mentions) with ordinality as m (mention, position)
  ),
  label as materialized (
    select l.*, private.fold(l.name) as folded
      from (select distinct 'tag' as kind, null::uuid as id, tag as name
              from public.contacts as c cross join unnest(c.tags) as tag where c.user_id = v_owner and c.tags <> '{}'
            union all
            select 'line', l.id, l.name from public.lines as l where l.user_id = v_owner) as l
  ),
  match as materialized (
    select m.* from private.mentioned_contacts(v_owner, array(select s.folded from said as s)) as m
    union all
    select m.folded, l.kind, l.id, l.name, null, score, l.folded = m.folded
      from (select distinct s.folded from said as s where s.folded <> '') as m
      cross join label as l
      cross join lateral (select private.mention_score(m.folded, l.folded) as score offset 0) as t
     where score >= 0.35
  )
  select coalesce(jsonb_agg(jsonb_build_object('mention', s.mention, 'found', b.found, 'matches', b.matches) order by s.position), '[]')
    from said as s
    cross join lateral (
      select coalesce(max(b.found), 0) as found, coalesce(jsonb_agg(jsonb_build_object(
            'kind', b.kind, 'id', b.id, 'name', b.name, 'also_known_as', b.also_known_as,
            'number', case when b.kind = 'contact' then (select min(n.number) from public.contact_numbers as n where n.user_id = v_owner and n.contact_id = b.id) end,
            'score', b.score, 'exact', b.exact) order by b.place), '[]') as matches
        from (select m.*, count(*) over () as found, row_number() over (
                  order by m.score desc, array_position(array['contact', 'company', 'tag', 'line'], m.kind), a.events desc nulls last, m.name, m.id) as place
                from match as m
                left join lateral (select c.calls + c.sms as events from private.contact_stats as c where c.user_id = v_owner and c.contact_id = m.id) as a on true
               where m.mention = s.folded order by place limit c_matches) as b) as b);
end;
$$;
comment on function private.match_mentions(jsonb) is 'The work of public.match_mentions.';
grant execute on function private.match_mentions(jsonb) to authenticated;

create function public.match_mentions(mentions jsonb)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('nlq:query');
  select private.match_mentions(match_mentions.mentions)
$$;
comment on function public.match_mentions(jsonb) is
  'What names in a question may mean among the caller''s own contacts (by name or other name), companies, tags and lines: mentions is a JSON list of at most 20 texts of at most 200 characters; for each, in its order, {mention, found, matches [{kind contact|company|tag|line, id (of contacts and lines), name, also_known_as (the other name that was meant), number (of contacts), score, exact}]}, the best 6 of found. score: 1 the whole name (0.98 another name of a contact), 0.9 its first or last words, 0.85 words of it, 0.75 beginnings of its words, below 0.7 a typo; without case, accents and signs. Of the same score contacts come first, the most frequent first. Errors: validation_failed (400).';
revoke execute on function public.match_mentions(jsonb) from public, anon;
grant execute on function public.match_mentions(jsonb) to authenticated;
