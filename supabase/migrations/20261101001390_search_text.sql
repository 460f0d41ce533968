-- What search compares: names and texts as words without case and accents, what a search text asks for, and where it stands.

-- No stemming and no stop words, since one person writes in several languages; accents and case do not count.
create text search configuration private.plain (copy = pg_catalog.simple);
alter text search configuration private.plain
  alter mapping for asciiword, word, numword, asciihword, hword, numhword, hword_asciipart, hword_part, hword_numpart
  with extensions.unaccent, pg_catalog.simple;
comment on text search configuration private.plain is 'Words of any language without case and accents.';

-- The parser of Postgres takes "and/or" for a path and "late.See" for a host, and which signs are letters depends on the
-- server's locale; so every sign that is none becomes a space here, one for one, and highlights find their place again.
-- Scripts that are written without spaces get a separator around each sign: a word of theirs is found as a phrase.
create function private.plain_text(given text)
returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_text text := regexp_replace(plain_text.given,
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u3000-\u3004\u3008-\u3030\u303d\u30fb\ufe00-\ufe1f\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U0001f000-\U0001faff]',
    ' ', 'g');
begin
  if v_text ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]' then
    v_text := regexp_replace(v_text,
      '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])',
      E'\x01\\1\x01', 'g');
  end if;
  return v_text;
end;
$$;
comment on function private.plain_text(text) is
  'A text with a space for each sign that is no letter or digit, and U+0001 around each sign of a script without spaces: without these it is as long as it was.';
grant execute on function private.plain_text(text) to authenticated, service_role;

create function private.fold(given text)
returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  -- The same in a third of the time where there are no accents to take away: every character is one byte.
  if octet_length(fold.given) = char_length(fold.given) then
    return btrim(regexp_replace(lower(fold.given), '[^a-z0-9]+', ' ', 'g'));
  end if;
  return btrim(regexp_replace(
    lower(extensions.unaccent('extensions.unaccent', replace(private.plain_text(fold.given), E'\x01', ''))), '\s+', ' ', 'g'));
end;
$$;
comment on function private.fold(text) is 'A name for comparison: without case, accents and signs, words parted by one space.';
grant execute on function private.fold(text) to authenticated, service_role;

create function private.contact_words(name text, company text, also_known_as text[])
returns text
language plpgsql immutable parallel safe cost 1000
set search_path = ''
as $$
declare
  v_words text := private.fold(contact_words.name);
  v_other text;
begin
  foreach v_other in array contact_words.also_known_as loop
    v_words := concat_ws(' | ', v_words, private.fold(v_other));
  end loop;
  return ' ' || concat_ws(' | ', v_words, private.fold(contact_words.company)) || ' ';
end;
$$;
comment on function private.contact_words(text, text, text[]) is
  'What a contact is called, folded, with a space around each word: the name, other names and the company, parted by a bar.';
-- Whoever writes a contact runs it, for the index.
grant execute on function private.contact_words(text, text, text[]) to authenticated, service_role;
create index contacts_words_idx on public.contacts
  using gin (user_id, private.contact_words(name, company, also_known_as) extensions.gin_trgm_ops);

-- The words of the texts, apart from the events: few rows of an event list have a text, and here they lie side by side.
-- Not the text itself. Kept by triggers; read by definer functions only.
create table private.event_texts (
  user_id uuid not null,
  ts timestamptz not null,
  event_id uuid not null,
  contact_id uuid,
  words tsvector not null,
  primary key (user_id, ts, event_id)
);
create index event_texts_words_idx on private.event_texts using gin (user_id, words) with (gin_pending_list_limit = 512);
-- Of a teammate's texts those with the few contacts that show them.
create index event_texts_contact_idx on private.event_texts (user_id, contact_id, ts);
alter table private.event_texts alter column user_id set statistics 0;
comment on table private.event_texts is 'The words of each event that has a text, for search.';
insert into private.user_tables values ('private.event_texts', 'user_id', 'Words of messages, for search', 'ts');

create function private.index_texts()
returns trigger
language plpgsql volatile security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
begin
  if tg_op = 'UPDATE' then
    delete from private.event_texts as t
     using removed as r join added as a on a.user_id = r.user_id and a.id = r.id
     where t.user_id = r.user_id and t.ts = r.ts and t.event_id = r.id
       and (a.ts, a.contact_id, a.content) is distinct from (r.ts, r.contact_id, r.content);
    insert into private.event_texts (user_id, ts, event_id, contact_id, words)
    select a.user_id, a.ts, a.id, a.contact_id, to_tsvector('private.plain', private.plain_text(a.content))
      from added as a join removed as r on r.user_id = a.user_id and r.id = a.id
     where a.content is not null and (a.ts, a.contact_id, a.content) is distinct from (r.ts, r.contact_id, r.content);
  elsif tg_op = 'INSERT' then
    insert into private.event_texts (user_id, ts, event_id, contact_id, words)
    select a.user_id, a.ts, a.id, a.contact_id, to_tsvector('private.plain', private.plain_text(a.content))
      from added as a where a.content is not null;
  else
    delete from private.event_texts as t using removed as r
     where t.user_id = r.user_id and t.ts = r.ts and t.event_id = r.id and r.content is not null;
  end if;
  return null;
end;
$$;
comment on function private.index_texts() is 'Trigger: keeps private.event_texts at the words of the events.';
insert into private.event_texts (user_id, ts, event_id, contact_id, words)
select e.user_id, e.ts, e.id, e.contact_id, to_tsvector('private.plain', private.plain_text(e.content))
  from public.events as e where e.content is not null;
create trigger events_texts_insert after insert on public.events
  referencing new table as added for each statement execute function private.index_texts();
create trigger events_texts_update after update on public.events
  referencing old table as removed new table as added for each statement execute function private.index_texts();
create trigger events_texts_delete after delete on public.events
  referencing old table as removed for each statement execute function private.index_texts();

create type private.search_query as (number text, words tsquery, name text);
comment on type private.search_query is
  'What a search looks for: a part of a number or named sender, words of a text, a name (folded); null: not by this.';

-- Route first: only digits and what goes between them is a number, few plain words may be a name, all of it may be text.
create function private.read_query(search_text text)
returns private.search_query
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_query private.search_query;
  v_text text := btrim(read_query.search_text);
  v_last text;
begin
  if coalesce(char_length(v_text), 0) not between 1 and 200 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'q has 1 to 200 characters';
  end if;
  if v_text ~ '^[0-9+ ().\-/]*$' then
    -- Without what comes before the number when it is dialled: +, 00 or 0.
    v_query.number := nullif(regexp_replace(regexp_replace(v_text, '[^0-9]', '', 'g'), '^0+(?=[0-9]{2})', ''), '');
  elsif v_text !~ '[\s"-]' and char_length(v_text) >= 2 then
    v_query.number := lower(v_text);
  end if;
  v_query.name := nullif(private.fold(v_text), '');
  if v_query.name !~ '[^0-9 ]' or v_text ~ '"|(^|\s)-|\sor\s' or v_query.name ~ '( [^ ]+){4}' then
    v_query.name := null;
  end if;
  -- In a word, signs part what must stand side by side; before it, a minus excludes it; alone it is nothing.
  v_text := regexp_replace(regexp_replace(v_text, '([^\s"])-+', '\1,', 'g'), '-+(?=[\s-]|$)', ' ', 'g');
  v_text := array_to_string(array(
    select case when piece[1] in ('"', '-') or piece[1] ~ '\s' then piece[1]
             else regexp_replace(private.plain_text(piece[1]), ' ', ',', 'g') end
      from regexp_matches(v_text, '["\-]|\s+|[^"\-\s]+', 'g') as piece), '');
  v_query.words := websearch_to_tsquery('private.plain', v_text);
  -- The last word may not be typed to its end.
  v_last := substring(v_text from '(?:^|\s)([^\s"-][^\s"]*)$');
  if char_length(v_last) >= 2 and v_last !~ ',$' and lower(v_last) <> 'or' and v_query.words::text ~ '''$'
     and char_length(regexp_replace(v_text, '[^"]', '', 'g')) % 2 = 0 then
    v_query.words := (v_query.words::text || ':*')::tsquery;
  end if;
  if numnode(v_query.words) = 0 then
    v_query.words := null;
  end if;
  return v_query;
end;
$$;
comment on function private.read_query(text) is
  'What a search text asks for. Words take web syntax ("a phrase", -without, or); the last one may be a beginning. Errors: validation_failed (400).';
grant execute on function private.read_query(text) to authenticated;

-- Highlights of folded words in the text as it is, by the parser that indexed it.
create function private.highlights(given text, words tsquery)
returns jsonb
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_text constant text := left(highlights.given, 5000);
  -- Clients count in UTF-16, where signs beyond the basic plane are two.
  v_has_wide_signs constant boolean := v_text ~ '[\U00010000-\U0010ffff]';
  v_pieces constant text[] := string_to_array(regexp_replace(replace(ts_headline('private.plain', private.plain_text(v_text), highlights.words,
    E'HighlightAll=true, StartSel="\x02", StopSel="\x03"'), E'\x01', ''), E'\x03\x02', '', 'g'), E'\x02');
  v_place integer := char_length(v_pieces[1]);
  v_starts_at integer;
  v_ends_at integer;
  v_found jsonb := '[]'::jsonb;
begin
  for i in 2 .. least(coalesce(cardinality(v_pieces), 0), 51) loop
    v_starts_at := v_place;
    v_ends_at := v_place + position(E'\x03' in v_pieces[i]) - 1;
    v_place := v_place + char_length(v_pieces[i]) - 1;
    if v_has_wide_signs then
      v_ends_at := v_ends_at + char_length(regexp_replace(left(v_text, v_ends_at), '[^\U00010000-\U0010ffff]', '', 'g'));
      v_starts_at := v_starts_at + char_length(regexp_replace(left(v_text, v_starts_at), '[^\U00010000-\U0010ffff]', '', 'g'));
    end if;
    v_found := v_found || jsonb_build_object('start', v_starts_at, 'end', v_ends_at);
  end loop;
  return v_found;
end;
$$;
comment on function private.highlights(text, tsquery) is
  'Where the words are in a text: [{start, end}], end exclusive, in UTF-16 code units; at most 50, in its first 5,000 characters.';
grant execute on function private.highlights(text, tsquery) to authenticated;

create function private.number_highlights(number text, part text)
returns jsonb
language sql immutable parallel safe
set search_path = ''
as $$
  select case when position(number_highlights.part in lower(number_highlights.number)) > 0 then jsonb_build_array(jsonb_build_object(
      'start', position(number_highlights.part in lower(number_highlights.number)) - 1,
      'end', position(number_highlights.part in lower(number_highlights.number)) - 1 + char_length(number_highlights.part)))
    else '[]' end
$$;
comment on function private.number_highlights(text, text) is 'Where the part is in a number or named sender, as private.highlights says it.';
grant execute on function private.number_highlights(text, text) to authenticated;
