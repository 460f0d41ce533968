-- Erasure: a person's whole account, or one person out of one's log. It is previewed, confirmed, can be taken back until it
-- is due, waits while a legal hold lasts, and is carried out by private.job_erasure in short steps.

create table public.erasure_requests (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  scope text not null check (scope in ('account', 'contact', 'number')),
  subject jsonb check (jsonb_typeof(subject) = 'object'),
  keep_out boolean not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
  erased_events bigint not null default 0,
  requested_at timestamptz not null default now(),
  due_at timestamptz not null,
  finished_at timestamptz,
  primary key (user_id, id),
  constraint erasure_requests_subject_while_open check ((subject is null) = (scope = 'account' or state = 'done'))
);
create unique index erasure_requests_open_idx on public.erasure_requests (user_id, scope, md5(coalesce(subject::text, ''))) where state <> 'done';
create index erasure_requests_due_idx on public.erasure_requests (due_at) where state <> 'done';
alter table public.erasure_requests enable row level security;
create policy erasure_requests_select on public.erasure_requests for select to authenticated using (user_id = (select auth.uid()));
grant select on public.erasure_requests to authenticated;
grant select, insert, update, delete on public.erasure_requests to service_role;
comment on table public.erasure_requests is 'What a person wants erased: the account, a contact, or a number. Written by functions only.';
comment on column public.erasure_requests.subject is
  'Whom it is about: {contact_id, numbers, names}, contact_id null where the contact stays; null for the account, and once it is done.';
comment on column public.erasure_requests.keep_out is 'Later imports are not to bring the numbers back: private.forgotten_numbers.';
insert into private.user_tables values ('public.erasure_requests', 'user_id', 'Erasures that the person asked for', null);

-- A number that was erased may not be kept, yet the next import of an old backup would bring it back. So it is known by a
-- hash only, keyed by private.secret_key: without the key nobody can try numbers out. Who has the whole database without a
-- Vault has the key too; who does not want that asks with keep_out false, and then nothing is kept.
create table private.forgotten_numbers (
  user_id uuid not null,
  digest bytea not null,
  request_id uuid not null,
  primary key (user_id, digest, request_id),
  foreign key (user_id, request_id) references public.erasure_requests (user_id, id) on delete cascade
);
create index forgotten_numbers_request_idx on private.forgotten_numbers (user_id, request_id);
comment on table private.forgotten_numbers is 'Keyed hashes of the numbers that a person erased from his log, to keep them out of it.';
insert into private.user_tables values ('private.forgotten_numbers', 'user_id', 'Keyed hashes of erased numbers', null);

create function private.number_digest(owner_id uuid, number text, key bytea)
returns bytea
language sql immutable
set search_path = ''
as $$
  select extensions.hmac(convert_to(number_digest.owner_id || ' ' || number_digest.number, 'UTF8'), number_digest.key, 'sha256')
$$;
comment on function private.number_digest(uuid, text, bytea) is 'HMAC-SHA-256 of a number for one owner, so that two owners'' hashes can not be compared.';

create function private.forgotten_among(owner_id uuid, numbers text[])
returns text[]
language plpgsql volatile
set search_path = ''
as $$
begin
  return array(
    select n.number
      from (select private.secret_key('forgotten_numbers') as key) as secret
      cross join (select distinct number from unnest(forgotten_among.numbers) as number where number is not null) as n
      join private.forgotten_numbers as f
        on f.user_id = forgotten_among.owner_id and f.digest = private.number_digest(forgotten_among.owner_id, n.number, secret.key));
end;
$$;
comment on function private.forgotten_among(uuid, text[]) is 'Which of these numbers their owner erased and keeps out. For definer functions only.';

create function private.refuse_forgotten(owner_id uuid, cards jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  v_forgotten text[];
begin
  if not exists (select from private.forgotten_numbers as f where f.user_id = refuse_forgotten.owner_id) then
    return refuse_forgotten.cards;
  end if;
  v_forgotten := private.forgotten_among(refuse_forgotten.owner_id, array(
    select private.clean_number(n) from jsonb_array_elements(refuse_forgotten.cards) as card
     cross join lateral jsonb_array_elements_text(card -> 'numbers') as n));
  return (
    select coalesce(jsonb_agg(card.value || jsonb_build_object('numbers', kept.numbers) order by card.position), '[]')
      from jsonb_array_elements(refuse_forgotten.cards) with ordinality as card (value, position)
      cross join lateral (
        select coalesce(jsonb_agg(n) filter (where private.clean_number(n) <> all (v_forgotten)), '[]') as numbers, count(*) as given
          from jsonb_array_elements_text(card.value -> 'numbers') as n) as kept
     where kept.given = 0 or kept.numbers <> '[]');
end;
$$;
comment on function private.refuse_forgotten(uuid, jsonb) is
  'Address cards without the numbers that their owner erased, and without the cards that have no other number. For definer functions only.';

-- Whom an erasure is about

create function private.erasure_subject(owner_id uuid, scope text, contact_id uuid, number text)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_number constant text := private.clean_number(erasure_subject.number);
  v_contact public.contacts;
  v_numbers text[] := array[v_number];
begin
  if coalesce(erasure_subject.scope, '') not in ('account', 'contact', 'number')
     or (erasure_subject.scope = 'contact') <> (erasure_subject.contact_id is not null)
     or (erasure_subject.scope = 'number') <> (erasure_subject.number is not null) then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'The scope is account, contact with a contact_id, or number with a number';
  end if;
  if erasure_subject.scope = 'account' then
    return null;
  end if;
  if erasure_subject.scope = 'contact' then
    select * into v_contact from public.contacts as c where c.user_id = erasure_subject.owner_id and c.id = erasure_subject.contact_id;
    v_numbers := array(
      select n.number from public.contact_numbers as n where n.user_id = erasure_subject.owner_id and n.contact_id = erasure_subject.contact_id
      union
      select e.number from public.events as e
       where e.user_id = erasure_subject.owner_id and e.contact_id = erasure_subject.contact_id and e.number is not null
         and not exists (select from public.contact_numbers as n
                          where n.user_id = e.user_id and n.number = e.number and n.contact_id <> e.contact_id)
      order by 1);
  else
    -- The contact goes with its only number, and stays with others.
    select c.* into v_contact
      from public.contact_numbers as n join public.contacts as c on c.user_id = n.user_id and c.id = n.contact_id
     where n.user_id = erasure_subject.owner_id and n.number = v_number
       and not exists (select from public.contact_numbers as other
                        where other.user_id = n.user_id and other.contact_id = n.contact_id and other.number <> n.number);
  end if;
  if v_contact.id is null and not exists (
       select from public.contact_numbers as n where n.user_id = erasure_subject.owner_id and n.number = v_number)
     and not exists (select from public.events as e where e.user_id = erasure_subject.owner_id and e.number = v_number)
     and not exists (select from private.deleted_events as d where d.user_id = erasure_subject.owner_id and d.number = v_number) then
    raise exception using errcode = 'PT404', message = 'contact_not_found', detail = 'No such contact or number in your log';
  end if;
  return jsonb_build_object('contact_id', v_contact.id, 'numbers', v_numbers,
    'names', coalesce(array_remove(v_contact.also_known_as || v_contact.name, null), '{}'));
end;
$$;
comment on function private.erasure_subject(uuid, text, uuid, text) is
  'Whom an erasure is about: {contact_id, numbers, names}; null for the account. A number takes its contact along when it has no other. Errors: validation_failed (400), contact_not_found (404).';

-- Words of a text are compared as questions are (private.fold), numbers by their last nine digits, so that the ways of
-- writing them do not count; a short code is a word.
create function private.mentions(body text, subject jsonb)
returns boolean
language sql stable
set search_path = ''
as $$
  with said as (
    select ' ' || private.fold(mentions.body) || ' ' as words, regexp_replace(mentions.body, '\D', '', 'g') as digits
  ),
  called as (
    select word, right(regexp_replace(word, '\D', '', 'g'), 9) as digits, is_number
      from (select jsonb_array_elements_text(mentions.subject -> 'numbers') as word, true as is_number
            union all select jsonb_array_elements_text(mentions.subject -> 'names'), false) as c
  )
  select coalesce(strpos(mentions.body, mentions.subject ->> 'contact_id') > 0, false)
    or exists (
      select from said cross join called as c
       where case when c.is_number and char_length(c.digits) >= 7 then strpos(said.digits, c.digits) > 0
         else private.fold(c.word) <> '' and strpos(said.words, ' ' || private.fold(c.word) || ' ') > 0 end)
$$;
comment on function private.mentions(text, jsonb) is
  'Whether a text has the contact''s id, one of the numbers or one of the names of private.erasure_subject. Rather once too often than too seldom: for what can go without loss.';

create function private.erasure_counts(owner_id uuid, subject jsonb)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_table record;
  v_count bigint;
  v_counts jsonb := jsonb '{}';
begin
  if erasure_counts.subject is null then
    for v_table in select * from private.user_tables as t where t.table_name::text not like '%audit%' order by t.table_name::text loop
      execute format('select count(*) from %s where %I = $1', v_table.table_name, v_table.owner_column)
        into v_count using erasure_counts.owner_id;
      if v_count > 0 then
        v_counts := v_counts || jsonb_build_object(v_table.table_name::text, v_count);
      end if;
    end loop;
    return v_counts;
  end if;
  return jsonb_build_object(
    'public.contacts', (erasure_counts.subject ->> 'contact_id' is not null)::integer,
    'public.contact_numbers', (select count(*) from public.contact_numbers as n where n.user_id = erasure_counts.owner_id
      and n.number in (select jsonb_array_elements_text(erasure_counts.subject -> 'numbers'))),
    'public.events', (select count(*) from (
      select e.id from public.events as e where e.user_id = erasure_counts.owner_id and e.contact_id = (erasure_counts.subject ->> 'contact_id')::uuid
      union
      select e.id from public.events as e where e.user_id = erasure_counts.owner_id
         and e.number = any (array(select jsonb_array_elements_text(erasure_counts.subject -> 'numbers')))) as event),
    'private.deleted_events', (select count(*) from private.deleted_events as d where d.user_id = erasure_counts.owner_id
      and d.number in (select jsonb_array_elements_text(erasure_counts.subject -> 'numbers'))),
    'public.nlq_queries', (select count(*) from public.nlq_queries as q where q.user_id = erasure_counts.owner_id
      and private.mentions(to_jsonb(q)::text, erasure_counts.subject)));
end;
$$;
comment on function private.erasure_counts(uuid, jsonb) is 'How many rows of each table an erasure removes. For definer functions only.';

-- The confirmation is a digest of what the preview said: who confirms has seen it, and it has not become another matter since.
create function private.preview_erasure(scope text, contact_id uuid, number text)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_subject constant jsonb := private.erasure_subject(v_owner, preview_erasure.scope, preview_erasure.contact_id, preview_erasure.number);
  v_counts constant jsonb := private.erasure_counts(v_owner, v_subject);
begin
  return jsonb_build_object(
    'scope', preview_erasure.scope,
    'contact_id', v_subject -> 'contact_id',
    'numbers', coalesce(v_subject -> 'numbers', '[]'),
    'counts', v_counts,
    'organizations', case when v_subject is null then (
      select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'role', m.role, 'outcome', case
          when not exists (select from public.org_members as other where other.organization_id = m.organization_id and other.user_id <> v_owner)
            then 'removed'
          when m.role = 'owner' and not exists (select from public.org_members as other
            where other.organization_id = m.organization_id and other.user_id <> v_owner and other.role = 'owner') then 'handed_over'
          else 'left' end) order by o.id), '[]')
        from public.org_members as m join public.organizations as o on o.id = m.organization_id where m.user_id = v_owner) else '[]' end,
    'grace_days', private.erasure_grace_days(v_owner),
    'is_held', private.is_held(v_owner),
    'confirmation', encode(sha256(convert_to(concat_ws(' ', v_owner, preview_erasure.scope, v_subject,
      (select jsonb_object_agg(key, value) from jsonb_each(v_counts)
        where key in ('public.events', 'public.contacts', 'public.contact_numbers', 'public.lines', 'public.imports', 'public.org_members'))), 'UTF8')), 'hex'));
end;
$$;
comment on function private.preview_erasure(text, uuid, text) is 'The work of public.preview_erasure.';
grant execute on function private.preview_erasure(text, uuid, text) to authenticated;

create function private.erasure_grace_days(owner_id uuid)
returns integer
language sql stable
set search_path = ''
as $$
  select coalesce(
    (select max(o.erasure_grace_days) from public.org_members as m join public.organizations as o on o.id = m.organization_id
      where m.user_id = erasure_grace_days.owner_id),
    nullif(current_setting('phonelog.erasure_grace_days', true), '')::integer, 7)
$$;
comment on function private.erasure_grace_days(uuid) is
  'Days in which an erasure can be taken back: the longest that an organisation of the person says, else the setting phonelog.erasure_grace_days of the database, else 7.';

create function public.preview_erasure(scope text, contact_id uuid default null, number text default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  return private.preview_erasure(preview_erasure.scope, preview_erasure.contact_id, preview_erasure.number);
end;
$$;
comment on function public.preview_erasure(text, uuid, text) is
  'What an erasure of the caller''s account, of a contact or of a number removes: {scope, contact_id, numbers, counts {table: rows}, organizations [{id, name, role, outcome removed|handed_over|left}], grace_days, is_held, confirmation}. Errors: not_authenticated (401), validation_failed (400), contact_not_found (404).';
revoke execute on function public.preview_erasure(text, uuid, text) from public, anon;
grant execute on function public.preview_erasure(text, uuid, text) to authenticated;

create function private.erasure_json(request public.erasure_requests)
returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(erasure_json.request) - '{user_id,subject}'::text[]
    || jsonb_build_object('contact_id', (erasure_json.request).subject -> 'contact_id', 'numbers', coalesce((erasure_json.request).subject -> 'numbers', '[]'))
$$;
comment on function private.erasure_json(public.erasure_requests) is 'A request as the API shows it.';
grant execute on function private.erasure_json(public.erasure_requests) to authenticated;

create function private.request_erasure(confirmation text, scope text, contact_id uuid, number text, keep_out boolean)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_preview constant jsonb := private.preview_erasure(request_erasure.scope, request_erasure.contact_id, request_erasure.number);
  v_request public.erasure_requests;
begin
  if (v_preview ->> 'is_held')::boolean then
    raise exception using errcode = 'PT409', message = 'legal_hold', detail = 'A legal hold preserves your data; ask an admin of your organisation';
  end if;
  if request_erasure.confirmation is distinct from v_preview ->> 'confirmation' then
    raise exception using errcode = 'PT409', message = 'confirmation_outdated',
      detail = 'The confirmation is not that of what would be erased now; look at the preview again';
  end if;
  insert into public.erasure_requests (user_id, scope, subject, keep_out, due_at)
  values (v_owner, request_erasure.scope,
    private.erasure_subject(v_owner, request_erasure.scope, request_erasure.contact_id, request_erasure.number),
    request_erasure.scope <> 'account' and coalesce(request_erasure.keep_out, true), now() + make_interval(days => (v_preview ->> 'grace_days')::integer))
  on conflict do nothing returning * into v_request;
  if not found then
    raise exception using errcode = 'PT409', message = 'erasure_requested', detail = 'This erasure is on its way already';
  end if;
  perform private.record_audit('erasure.requested', null, 'user', v_owner::text, jsonb_build_object('scope', v_request.scope, 'due_at', v_request.due_at));
  return private.erasure_json(v_request);
end;
$$;
comment on function private.request_erasure(text, text, uuid, text, boolean) is 'The work of public.request_erasure.';
grant execute on function private.request_erasure(text, text, uuid, text, boolean) to authenticated;

create function public.request_erasure(confirmation text, scope text, contact_id uuid default null, number text default null, keep_out boolean default true)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.require_account();
  return private.request_erasure(request_erasure.confirmation, request_erasure.scope, request_erasure.contact_id, request_erasure.number, request_erasure.keep_out);
end;
$$;
comment on function public.request_erasure(text, text, uuid, text, boolean) is
  'Asks for what public.preview_erasure showed, with its confirmation. keep_out (of a contact or number): later imports refuse the numbers, known by a keyed hash. Returns {id, scope, state, contact_id, numbers, keep_out, erased_events, requested_at, due_at, finished_at}. Errors: not_authenticated (401), validation_failed (400), contact_not_found (404), legal_hold, confirmation_outdated, erasure_requested (409).';
revoke execute on function public.request_erasure(text, text, uuid, text, boolean) from public, anon;
grant execute on function public.request_erasure(text, text, uuid, text, boolean) to authenticated;

create function public.get_erasures()
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  return (select coalesce(jsonb_agg(private.erasure_json(r) order by r.id desc), '[]')
    from (select * from public.erasure_requests as e where e.user_id = (select auth.uid()) order by e.id desc limit 200) as r);
end;
$$;
comment on function public.get_erasures() is
  'The caller''s erasures, newest first, at most 200: [{id, scope, state waiting|running|done, contact_id, numbers, keep_out, erased_events, requested_at, due_at, finished_at}]; whom a finished one was about is forgotten.';
revoke execute on function public.get_erasures() from public, anon;
grant execute on function public.get_erasures() to authenticated;

create function private.cancel_erasure(request_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_owner constant uuid := (select auth.uid());
  v_request public.erasure_requests;
begin
  select * into v_request from public.erasure_requests as r
   where r.user_id = v_owner
     and case when cancel_erasure.request_id is null then r.scope = 'account' else r.id = cancel_erasure.request_id end
   order by r.id desc limit 1 for update;
  if not found then
    raise exception using errcode = 'PT404', message = 'erasure_not_found', detail = 'No such erasure of yours';
  end if;
  if v_request.state = 'running' then
    raise exception using errcode = 'PT409', message = 'erasure_running', detail = 'The erasure has begun and can not be taken back';
  end if;
  delete from public.erasure_requests as r where r.user_id = v_owner and r.id = v_request.id;
  perform private.record_audit(case v_request.state when 'done' then 'erasure.let_in' else 'erasure.cancelled' end,
    null, 'user', v_owner::text, jsonb_build_object('scope', v_request.scope));
  return private.erasure_json(v_request);
end;
$$;
comment on function private.cancel_erasure(uuid) is 'The work of public.cancel_erasure.';
grant execute on function private.cancel_erasure(uuid) to authenticated;

create function public.cancel_erasure(request_id uuid default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.cancel_erasure(cancel_erasure.request_id);
end;
$$;
comment on function public.cancel_erasure(uuid) is
  'Takes back an erasure that has not begun (default: that of the account). A finished one is only forgotten: its numbers may come in again. Returns the request. Errors: erasure_not_found (404), erasure_running (409).';
revoke execute on function public.cancel_erasure(uuid) from public, anon;
grant execute on function public.cancel_erasure(uuid) to authenticated;
