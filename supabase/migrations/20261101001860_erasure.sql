-- Erasure: a person's whole account, or one person out of one's log. It is previewed, confirmed, can be taken back until it
-- is due, waits while a legal hold lasts, and is carried out by private.job_erasure in short steps.

-- Keys that never leave the database. Where Supabase Vault is installed they lie there, encrypted; elsewhere here.
create table private.secrets (
  name text primary key check (char_length(name) between 1 and 200),
  key bytea,
  vault_id uuid,
  created_at timestamptz not null default now(),
  constraint secrets_one_place check (num_nonnulls(key, vault_id) = 1)
);
comment on table private.secrets is 'Random keys of 256 bits by name: the key itself, or its id in Vault. See private.secret_key.';

create function private.secret_key(name text)
returns bytea
language plpgsql volatile
set search_path = ''
as $$
declare
  v_secret private.secrets;
  v_key bytea;
begin
  select * into v_secret from private.secrets as s where s.name = secret_key.name;
  if not found then
    v_key := extensions.gen_random_bytes(32);
    if to_regclass('vault.decrypted_secrets') is not null then
      execute format('select %s($1)', to_regproc('vault.create_secret')) into v_secret.vault_id using encode(v_key, 'hex');
      v_key := null;
    end if;
    insert into private.secrets (name, key, vault_id) values (secret_key.name, v_key, v_secret.vault_id)
    on conflict on constraint secrets_pkey do nothing;
    select * into strict v_secret from private.secrets as s where s.name = secret_key.name;
  end if;
  if v_secret.vault_id is not null then
    execute format('select decode(decrypted_secret, ''hex'') from %s where id = $1', to_regclass('vault.decrypted_secrets')) into v_key using v_secret.vault_id;
    -- As after a restore into another project. Going on without it would let in what was erased.
    if v_key is null then
      raise exception using errcode = 'PT500', message = 'internal_error', detail = format('The key %L is not in Vault any more', secret_key.name);
    end if;
    return v_key;
  end if;
  return v_secret.key;
end;
$$;
comment on function private.secret_key(text) is
  'The key of this name, made when it is new: 32 random bytes, kept in Vault where there is one. For definer functions only. Errors: internal_error (500) when Vault has lost it.';

create function private.drop_secret_key(name text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_vault_id uuid;
begin
  delete from private.secrets as s where s.name = drop_secret_key.name returning s.vault_id into v_vault_id;
  if v_vault_id is not null then
    execute format('delete from %s where id = $1', to_regclass('vault.secrets')) using v_vault_id;
  end if;
end;
$$;
comment on function private.drop_secret_key(text) is 'Destroys a key: what was hashed with it can not be tried out any more.';

-- Legal holds. Restricted, so that no other way to delete the account goes round a hold either.

create table public.legal_holds (
  user_id uuid not null references public.profiles (user_id) on delete restrict,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  reason text not null check (char_length(btrim(reason)) between 1 and 500),
  set_by uuid references public.profiles (user_id) on delete set null,
  created_at timestamptz not null default now(),
  primary key (user_id, organization_id)
);
create index legal_holds_organization_idx on public.legal_holds (organization_id);
create index legal_holds_set_by_idx on public.legal_holds (set_by) where set_by is not null;
alter table public.legal_holds enable row level security;
grant select, insert, update, delete on public.legal_holds to service_role;
comment on table public.legal_holds is
  'People whose data an organisation must preserve: while there is one, no event of the person is deleted, nothing is erased and nothing expires. Read and written by its admins through functions; the person is told that there is one, not why.';
insert into private.user_tables values ('public.legal_holds', 'user_id', 'Legal holds on the person', null);

create function private.is_held(owner_id uuid)
returns boolean
language sql stable
set search_path = ''
as $$
  select exists (select from public.legal_holds as h where h.user_id = is_held.owner_id)
$$;
comment on function private.is_held(uuid) is 'Whether a legal hold preserves this person''s data. For definer functions only.';

create function private.get_legal_holds(organization_id uuid)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(get_legal_holds.organization_id);
begin
  return (select coalesce(jsonb_agg(jsonb_build_object('organization_id', h.organization_id, 'user_id', h.user_id, 'reason', h.reason,
      'set_by', h.set_by, 'created_at', h.created_at) order by h.created_at, h.user_id), '[]')
    from public.legal_holds as h where h.organization_id = v_organization);
end;
$$;
comment on function private.get_legal_holds(uuid) is 'The work of public.get_legal_holds.';
grant execute on function private.get_legal_holds(uuid) to authenticated;

create function public.get_legal_holds(organization_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.get_legal_holds(get_legal_holds.organization_id);
end;
$$;
comment on function public.get_legal_holds(uuid) is
  'The legal holds of an organisation of which the caller is an admin: [{organization_id, user_id, reason, set_by, created_at}]. Errors: not_authenticated (401), role_insufficient (403), organization_not_found (404).';
revoke execute on function public.get_legal_holds(uuid) from public, anon;
grant execute on function public.get_legal_holds(uuid) to authenticated;

create function private.set_legal_hold(member_id uuid, reason text, organization_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(set_legal_hold.organization_id);
begin
  if char_length(btrim(coalesce(set_legal_hold.reason, ''))) not between 1 and 500 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A hold needs a reason of 1 to 500 characters';
  end if;
  insert into public.legal_holds as h (user_id, organization_id, reason, set_by)
  select m.user_id, m.organization_id, btrim(set_legal_hold.reason), (select auth.uid())
    from public.org_members as m where m.organization_id = v_organization and m.user_id = set_legal_hold.member_id
  on conflict on constraint legal_holds_pkey do update set reason = excluded.reason, set_by = excluded.set_by;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No such member of the organisation';
  end if;
  perform private.record_audit('legal_hold.set', v_organization, 'user', set_legal_hold.member_id::text);
  return private.get_legal_holds(v_organization);
end;
$$;
comment on function private.set_legal_hold(uuid, text, uuid) is 'The work of public.set_legal_hold.';
grant execute on function private.set_legal_hold(uuid, text, uuid) to authenticated;

create function public.set_legal_hold(member_id uuid, reason text, organization_id uuid default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.set_legal_hold(set_legal_hold.member_id, set_legal_hold.reason, set_legal_hold.organization_id);
end;
$$;
comment on function public.set_legal_hold(uuid, text, uuid) is
  'Preserves a member''s data until the hold is lifted; by admins. Returns the organisation''s holds. Errors: not_authenticated (401), validation_failed (400), role_insufficient (403), organization_not_found, user_not_found (404).';
revoke execute on function public.set_legal_hold(uuid, text, uuid) from public, anon;
grant execute on function public.set_legal_hold(uuid, text, uuid) to authenticated;

-- Nobody lifts his own: what is preserved is often held against him.
create function private.lift_legal_hold(member_id uuid, organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_organization constant uuid := private.administered_organization(lift_legal_hold.organization_id);
begin
  if lift_legal_hold.member_id = (select auth.uid()) then
    raise exception using errcode = 'PT403', message = 'not_permitted', detail = 'A hold on oneself is lifted by another admin';
  end if;
  delete from public.legal_holds as h where h.organization_id = v_organization and h.user_id = lift_legal_hold.member_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', detail = 'No hold on such a member';
  end if;
  perform private.record_audit('legal_hold.lifted', v_organization, 'user', lift_legal_hold.member_id::text);
end;
$$;
comment on function private.lift_legal_hold(uuid, uuid) is 'The work of public.lift_legal_hold.';
grant execute on function private.lift_legal_hold(uuid, uuid) to authenticated;

create function public.lift_legal_hold(member_id uuid, organization_id uuid default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  perform private.lift_legal_hold(lift_legal_hold.member_id, lift_legal_hold.organization_id);
end;
$$;
comment on function public.lift_legal_hold(uuid, uuid) is
  'Ends a legal hold of the organisation; by its admins, nobody his own. Errors: not_authenticated (401), role_insufficient, not_permitted (403), organization_not_found, user_not_found (404).';
revoke execute on function public.lift_legal_hold(uuid, uuid) from public, anon;
grant execute on function public.lift_legal_hold(uuid, uuid) to authenticated;

-- Requests

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

-- The work

-- A tombstone that says nothing but the id, for clients that keep a copy: its time is before all events, so that no report
-- is taken for it. private.job_retention lets it go after 90 days.
create function private.bury_events(owner_id uuid, event_ids uuid[])
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  insert into private.deleted_events (user_id, fingerprint, event_id, ts, type, direction)
  select bury_events.owner_id, id, id, timestamptz 'epoch', 'call', 'inbound' from unnest(bury_events.event_ids) as id
  on conflict on constraint deleted_events_pkey do nothing;
  delete from public.events as e where e.user_id = bury_events.owner_id and e.id = any (bury_events.event_ids);
end;
$$;
comment on function private.bury_events(uuid, uuid[]) is
  'Deletes events and leaves tombstones that hold their ids only. For definer functions that hold the owner''s lock.';

-- What else a person's tables say of somebody. What can be had again goes as a whole: questions, cached answers, kept
-- replies, archives, and imports under way, whose unread rest is text.
create function private.erase_mentions(owner_id uuid, subject jsonb)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  delete from public.nlq_queries as q where q.user_id = erase_mentions.owner_id and private.mentions(to_jsonb(q)::text, erase_mentions.subject);
  perform private.drop_cached_answers(erase_mentions.owner_id);
  delete from public.idempotency_keys as k
   where k.user_id = erase_mentions.owner_id and private.mentions(concat_ws(' ', k.key, k.response), erase_mentions.subject);
  update public.imports as i set parser = null, state = 'failed', finished_at = now(), errors = jsonb_build_array(jsonb_build_object(
      'position', null, 'code', 'import_stopped', 'detail', 'An erasure came in between: import the file again'))
   where i.user_id = erase_mentions.owner_id and i.parser is not null;
  update public.imports as i set filename = null, errors = '[]', options = '{}'
   where i.user_id = erase_mentions.owner_id and private.mentions(concat_ws(' ', i.filename, i.errors, i.options), erase_mentions.subject);
  update public.sync_sources as s set errors = '[]'
   where s.user_id = erase_mentions.owner_id and private.mentions(s.errors::text, erase_mentions.subject);
  update public.contacts as c set
      also_known_as = array(select alias from unnest(c.also_known_as) as alias where not private.mentions(alias, erase_mentions.subject))
   where c.user_id = erase_mentions.owner_id and c.also_known_as <> '{}' and c.id is distinct from (erase_mentions.subject ->> 'contact_id')::uuid
     and private.mentions(array_to_string(c.also_known_as, ' / '), erase_mentions.subject);
  delete from public.data_exports as e where e.user_id = erase_mentions.owner_id;
  delete from public.alerts as a where a.owner_id = erase_mentions.owner_id;
end;
$$;
comment on function private.erase_mentions(uuid, jsonb) is
  'Removes what a person''s history, caches, imports, archives and other contacts'' aliases say of the subject. Texts with other people, and notes, are the owner''s own words and stay. For private.erase_subject only.';

create function private.erase_subject(request public.erasure_requests, max_rows integer)
returns boolean
language plpgsql volatile
set search_path = ''
as $$
declare
  v_owner constant uuid := (request).user_id;
  v_subject constant jsonb := (request).subject;
  v_contact_id constant uuid := (v_subject ->> 'contact_id')::uuid;
  v_numbers constant text[] := array(select jsonb_array_elements_text(v_subject -> 'numbers'));
  v_ids uuid[];
begin
  perform private.lock_owner(v_owner);
  v_ids := array(
    select id from (
      (select e.id from public.events as e where e.user_id = v_owner and e.contact_id = v_contact_id limit erase_subject.max_rows)
      union
      (select e.id from public.events as e where e.user_id = v_owner and e.number = any (v_numbers) limit erase_subject.max_rows)) as event);
  if cardinality(v_ids) > 0 then
    perform private.bury_events(v_owner, v_ids);
    update public.erasure_requests as r set state = 'running', erased_events = r.erased_events + cardinality(v_ids)
     where r.user_id = v_owner and r.id = (request).id;
    return false;
  end if;
  delete from private.deleted_events as d where d.user_id = v_owner and d.number = any (v_numbers);
  delete from public.contact_numbers as n where n.user_id = v_owner and n.number = any (v_numbers);
  delete from public.contacts as c where c.user_id = v_owner and c.id = v_contact_id;
  perform private.erase_mentions(v_owner, v_subject);
  if (request).keep_out then
    insert into private.forgotten_numbers (user_id, digest, request_id)
    select distinct v_owner, private.number_digest(v_owner, number, private.secret_key('forgotten_numbers')), (request).id
      from unnest(v_numbers) as number;
  end if;
  update public.erasure_requests as r set state = 'done', subject = null, finished_at = now() where r.user_id = v_owner and r.id = (request).id;
  perform private.record_audit('erasure.completed', null, 'user', v_owner::text, jsonb_build_object('scope', (request).scope));
  return true;
end;
$$;
comment on function private.erase_subject(public.erasure_requests, integer) is
  'The next step of the erasure of a contact or number: a batch of events, and with the last one all the rest; true when it is done. For private.job_erasure only.';

create function private.erase_rows(owner_id uuid, max_rows integer)
returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
  v_table record;
  v_rows bigint;
  v_total bigint := 0;
begin
  perform private.lock_owner(erase_rows.owner_id);
  -- Events first, which the roll-ups follow; then tables of public, which others follow, then those that follow.
  for v_table in
    select t.table_name, t.owner_column from private.user_tables as t
     where t.table_name not in ('public.profiles'::regclass, 'public.org_members'::regclass, 'public.erasure_requests'::regclass)
       and t.table_name::text not like '%audit%'
     order by t.table_name <> 'public.events'::regclass, t.table_name <> 'private.kept_sums'::regclass, t.table_name::text like 'private.%', t.table_name::text
  loop
    execute format('delete from %1$s where ctid = any (array(select ctid from %1$s where %2$I = $1 limit $2))', v_table.table_name, v_table.owner_column)
      using erase_rows.owner_id, erase_rows.max_rows - v_total;
    get diagnostics v_rows = row_count;
    v_total := v_total + v_rows;
    exit when v_total >= erase_rows.max_rows;
  end loop;
  return v_total;
end;
$$;
comment on function private.erase_rows(uuid, integer) is
  'Deletes up to max_rows rows of a person from the tables of the registry, and returns how many. For private.job_erasure only.';

-- An organisation is never without an owner: the highest in rank, of these the one who is in it longest, takes over.
create function private.leave_organizations(owner_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_member record;
begin
  for v_member in
    select m.organization_id,
           (select o.user_id from public.org_members as o where o.organization_id = m.organization_id and o.user_id <> m.user_id
             order by private.role_rank(o.role) desc, o.joined_at, o.user_id limit 1) as heir_id
      from public.org_members as m where m.user_id = leave_organizations.owner_id order by m.organization_id
  loop
    perform from public.organizations as o where o.id = v_member.organization_id for update;
    perform private.record_audit('erasure.completed', v_member.organization_id, 'account', null);
    if v_member.heir_id is null then
      delete from public.organizations as o where o.id = v_member.organization_id;
    else
      delete from public.org_members as m where m.organization_id = v_member.organization_id and m.user_id = leave_organizations.owner_id;
      update public.org_members as m set role = 'owner'
       where m.organization_id = v_member.organization_id and m.user_id = v_member.heir_id
         and not exists (select from public.org_members as o where o.organization_id = m.organization_id and o.role = 'owner');
    end if;
  end loop;
end;
$$;
comment on function private.leave_organizations(uuid) is
  'Takes a person out of the organisations: an organisation without anybody else goes, one without another owner is handed over. For private.erase_account only.';

create function private.erase_account(owner_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_email constant text := (select lower(u.email) from auth.users as u where u.id = erase_account.owner_id);
  v_table record;
  v_left bigint;
begin
  perform private.lock_owner(erase_account.owner_id);
  perform private.leave_organizations(erase_account.owner_id);
  delete from auth.users as u where u.id = erase_account.owner_id;

  -- Tables without a foreign key to the account, and what others' rows say of it: a question that was understood as one
  -- about this person has the id; an invitation has the address.
  for v_table in
    select t.table_name, format('%I = $1', t.owner_column) as condition from private.user_tables as t where t.table_name::text not like '%audit%'
    union all
    select 'public.nlq_queries'::regclass, 'strpos(to_jsonb(t)::text, $1::text) > 0'
    union all
    select to_regclass('private.rate_limits'), 'strpos(to_jsonb(t)::text, $1::text) > 0'
    union all
    select a.attrelid::regclass, format('lower(%I::text) = $2', a.attname)
      from pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid
     where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace) and c.relkind = 'r' and a.attname = 'email' and not a.attisdropped
    union all
    -- Of Auth what has no cascade, such as its own log of sign-ins.
    select a.attrelid::regclass, case a.attname when 'payload' then 'strpos(t.payload::text, $1::text) > 0' else format('%I::text = $1::text', a.attname) end
      from pg_catalog.pg_attribute as a join pg_catalog.pg_class as c on c.oid = a.attrelid
     where c.relnamespace = 'auth'::regnamespace and c.relkind = 'r' and not a.attisdropped
       and (a.attname = 'user_id' or (c.relname = 'audit_log_entries' and a.attname = 'payload'))
       and has_table_privilege(c.oid, 'select') and has_table_privilege(c.oid, 'delete')
  loop
    continue when v_table.table_name is null;
    execute format('delete from %s as t where %s', v_table.table_name, v_table.condition) using erase_account.owner_id, v_email;
  end loop;
  if to_regproc('private.pseudonymize_audit') is not null then
    execute format('select %s($1)', to_regproc('private.pseudonymize_audit')) using erase_account.owner_id;
  end if;

  for v_table in select * from private.user_tables as t where t.table_name::text not like '%audit%' loop
    execute format('select count(*) from %s where %I = $1', v_table.table_name, v_table.owner_column) into v_left using erase_account.owner_id;
    if v_left > 0 then
      raise exception 'Cannot erase the account: % still has % rows of it', v_table.table_name, v_left;
    end if;
  end loop;
end;
$$;
comment on function private.erase_account(uuid) is
  'The last step of the erasure of an account: organisations, the account itself with all that refers to it, traces of it in others'' rows, the pseudonym in the audit log. Raises when anything is left. For private.job_erasure only.';

create function private.job_erasure(deadline timestamptz)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
declare
  c_rows constant integer := 2000;
  -- Steps share a transaction while they are short, so that nobody waits long for a row.
  v_until constant timestamptz := least(job_erasure.deadline, clock_timestamp() + interval '1 second');
  v_request public.erasure_requests;
  v_steps integer := 0;
  v_finished integer := 0;
begin
  loop
    select r.* into v_request from public.erasure_requests as r
     where r.state <> 'done' and r.due_at <= now() and not private.is_held(r.user_id)
     order by r.due_at, r.id limit 1 for update skip locked;
    exit when not found;
    v_steps := v_steps + 1;
    if v_request.scope <> 'account' then
      v_finished := v_finished + private.erase_subject(v_request, c_rows)::integer;
    else
      update public.erasure_requests as r set state = 'running' where r.user_id = v_request.user_id and r.id = v_request.id;
      if private.erase_rows(v_request.user_id, c_rows) < c_rows then
        perform private.erase_account(v_request.user_id);
        v_finished := v_finished + 1;
      end if;
    end if;
    if clock_timestamp() >= v_until then
      return jsonb_build_object('steps', v_steps, 'finished', v_finished, 'more', true);
    end if;
  end loop;
  return jsonb_build_object('steps', v_steps, 'finished', v_finished, 'more', false);
end;
$$;
comment on function private.job_erasure(timestamptz) is
  'Carries out the erasures that are due and not held, in steps of at most 2,000 rows or so, for about a second at a time: {steps, finished, more}. Killed in the middle, the next call goes on.';

select private.audit_table('public.legal_holds', '{reason}');
select private.audit_table('public.erasure_requests');
select private.limit_keys('public.legal_holds', null, null);
select private.limit_keys('public.erasure_requests', null, null);
