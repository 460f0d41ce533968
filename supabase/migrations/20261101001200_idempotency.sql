-- Idempotency keys: a write that is sent again with its key is answered as the first time.

create table public.idempotency_keys (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  key text not null check (char_length(key) between 1 and 255),
  request_hash text not null,
  status integer check (status between 200 and 203 or status between 400 and 499),
  response text check (octet_length(response) <= 1000000),
  created_at timestamptz not null default now(),
  primary key (user_id, key)
);
alter table public.idempotency_keys enable row level security;
create policy idempotency_keys_select on public.idempotency_keys for select to authenticated
  using (user_id = (select auth.uid()));
-- Written by the functions below only: an answer that its owner could edit would be an answer that we never gave.
grant select on public.idempotency_keys to authenticated;
grant select, insert, update, delete on public.idempotency_keys to service_role;
comment on table public.idempotency_keys is 'Answers to writes that carried an Idempotency-Key, for 24 hours.';
insert into private.user_tables values ('public.idempotency_keys', 'user_id', 'Answers kept for repeated writes', null);

create function private.claim_idempotency_key(key text, request_hash text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_known public.idempotency_keys;
begin
  perform private.require_account();
  if char_length(claim_idempotency_key.key) not between 1 and 255 then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'An Idempotency-Key has 1 to 255 characters';
  end if;
  delete from public.idempotency_keys as k
   where k.user_id = (select auth.uid())
     and (k.created_at < now() - interval '24 hours'
          -- A request that never finished: its process is gone, so the next one takes the key.
          or (k.key = claim_idempotency_key.key and k.status is null and k.created_at < now() - interval '60 seconds'));
  insert into public.idempotency_keys (user_id, key, request_hash)
  values ((select auth.uid()), claim_idempotency_key.key, claim_idempotency_key.request_hash)
  on conflict on constraint idempotency_keys_pkey do nothing;
  if found then
    return null;
  end if;
  select * into v_known from public.idempotency_keys as k
   where k.user_id = (select auth.uid()) and k.key = claim_idempotency_key.key;
  if v_known.request_hash <> claim_idempotency_key.request_hash then
    raise exception using errcode = 'PT422', message = 'idempotency_key_reused',
      detail = 'This Idempotency-Key came with another request';
  end if;
  if v_known.status is null then
    raise exception using errcode = 'PT409', message = 'request_in_progress',
      detail = 'The first request with this Idempotency-Key is not finished';
  end if;
  return jsonb_build_object('status', v_known.status, 'response', v_known.response);
end;
$$;
comment on function private.claim_idempotency_key(text, text) is 'The work of public.claim_idempotency_key.';
grant execute on function private.claim_idempotency_key(text, text) to authenticated;

create function public.claim_idempotency_key(key text, request_hash text)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_scope('events:write', 'contacts:write', 'imports:write', 'sync:write');
  select private.claim_idempotency_key(claim_idempotency_key.key, claim_idempotency_key.request_hash)
$$;
comment on function public.claim_idempotency_key(text, text) is
  'Null when the key is new and now the caller''s; otherwise the first answer {status, response}. Errors: idempotency_key_reused (422), request_in_progress (409).';
revoke execute on function public.claim_idempotency_key(text, text) from public, anon;
grant execute on function public.claim_idempotency_key(text, text) to authenticated;

create function private.settle_idempotency_key(key text, status integer, response text)
returns void
language sql volatile security definer
set search_path = ''
as $$
  update public.idempotency_keys as k set status = settle_idempotency_key.status, response = settle_idempotency_key.response
   where k.user_id = (select auth.uid()) and k.key = settle_idempotency_key.key and settle_idempotency_key.status < 500;
  delete from public.idempotency_keys as k
   where k.user_id = (select auth.uid()) and k.key = settle_idempotency_key.key and settle_idempotency_key.status >= 500
$$;
comment on function private.settle_idempotency_key(text, integer, text) is 'The work of public.settle_idempotency_key.';
grant execute on function private.settle_idempotency_key(text, integer, text) to authenticated;

create function public.settle_idempotency_key(key text, status integer, response text)
returns void
language sql volatile
set search_path = ''
as $$
  select private.require_scope('events:write', 'contacts:write', 'imports:write', 'sync:write');
  select private.settle_idempotency_key(settle_idempotency_key.key, settle_idempotency_key.status, settle_idempotency_key.response)
$$;
comment on function public.settle_idempotency_key(text, integer, text) is
  'Keeps the answer to the caller''s key; after a fault of ours (500 and up) the key is free again.';
revoke execute on function public.settle_idempotency_key(text, integer, text) from public, anon;
grant execute on function public.settle_idempotency_key(text, integer, text) to authenticated;
