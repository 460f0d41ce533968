-- Webhooks: a person's or an organisation's address that is told of alerts, and a person's own of new events. What is to be
-- told is written in the transaction that it tells of, and sent by the job "webhooks". No secret is kept here: the functions
-- derive each webhook's from the key in their environment, its id and its version.

create table private.webhooks (
  id uuid primary key default private.uuid_v7(),
  owner_id uuid references public.profiles (user_id) on delete cascade,
  organization_id uuid references public.organizations (id) on delete cascade,
  url text not null check (char_length(url) <= 2000 and url ~ '^https?://[^/?#@[:space:][:cntrl:]]+([/?][^#[:space:][:cntrl:]]*)?$'),
  types text[] not null check (cardinality(types) > 0 and types <@ array['alert.raised', 'alert.resolved', 'events.created']),
  description text check (char_length(description) between 1 and 200),
  enabled boolean not null default true,
  secret_version integer not null default 1,
  secret_changed_at timestamptz not null default now(),
  failures integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint webhooks_one_addressee check (num_nonnulls(owner_id, organization_id) = 1),
  -- A member's new events would tell his organisation of private contacts.
  constraint webhooks_events_are_personal check (organization_id is null or not 'events.created' = any (types))
);
create index webhooks_owner_idx on private.webhooks (owner_id, id) where owner_id is not null;
create index webhooks_organization_idx on private.webhooks (organization_id, id) where organization_id is not null;
comment on table private.webhooks is 'Addresses that are told of alerts and of one''s own new events.';
comment on column private.webhooks.secret_version is 'Part of what the secret is derived from: another version is another secret.';
comment on column private.webhooks.secret_changed_at is 'For a day after it messages are signed with the former secret too.';
comment on column private.webhooks.failures is 'Attempts that failed since the last that did not; while there are any, one message at a time is tried.';
create trigger webhooks_set_updated_at before update of url, types, description, enabled, secret_version on private.webhooks
  for each row execute function private.set_updated_at();
insert into private.user_tables values ('private.webhooks', 'owner_id', 'Addresses that are told of alerts and events', null);

create table private.webhook_messages (
  webhook_id uuid not null references private.webhooks (id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  type text not null,
  data jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'dead')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_attempt_at timestamptz,
  last_status integer,
  last_error text check (char_length(last_error) <= 100),
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (webhook_id, id),
  constraint webhook_messages_finished check ((state = 'pending') = (finished_at is null))
);
create index webhook_messages_due_idx on private.webhook_messages (webhook_id, next_attempt_at) where state = 'pending';
comment on table private.webhook_messages is
  'The outbox: messages to send, and what became of them. dead: given up after eight attempts or three days, or because the receiver said that it is gone.';
comment on column private.webhook_messages.data is 'The alert, or {user_id, event_ids}: ids only, no content.';
insert into private.expiring_rows values ('private.webhook_messages', $$finished_at < now() - interval '30 days'$$, 'What became of messages to webhooks');

create function private.webhook_json(webhook private.webhooks)
returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(webhook_json.webhook) - '{owner_id}'::text[] || jsonb_build_object('user_id', (webhook_json.webhook).owner_id)
$$;
comment on function private.webhook_json(private.webhooks) is 'A webhook as the API shows it.';

-- The outbox

create function private.queue_alert_messages()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if not exists (select from private.webhooks as w where w.enabled) then
    return null;
  end if;
  if tg_op = 'INSERT' then
    insert into private.webhook_messages (webhook_id, type, data)
    select w.id, 'alert.raised', private.alert_json(a::public.alerts)
      from added as a
      join private.webhooks as w on w.owner_id = a.owner_id or w.organization_id = a.organization_id
     where w.enabled and 'alert.raised' = any (w.types);
  else
    insert into private.webhook_messages (webhook_id, type, data)
    select w.id, 'alert.resolved', private.alert_json(a::public.alerts)
      from added as a
      join removed as before on before.id = a.id and before.resolved_at is null
      join private.webhooks as w on w.owner_id = a.owner_id or w.organization_id = a.organization_id
     where a.resolved_at is not null and w.enabled and 'alert.resolved' = any (w.types);
  end if;
  return null;
end;
$$;
comment on function private.queue_alert_messages() is 'Trigger: puts new and resolved alerts into the outbox of the webhooks that want them.';
create trigger alerts_queue_insert after insert on public.alerts referencing new table as added
  for each statement execute function private.queue_alert_messages();
create trigger alerts_queue_update after update on public.alerts referencing old table as removed new table as added
  for each statement execute function private.queue_alert_messages();

create function private.queue_event_messages()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if not exists (select from private.webhooks as w where w.enabled and 'events.created' = any (w.types)) then
    return null;
  end if;
  insert into private.webhook_messages (webhook_id, type, data)
  select w.id, 'events.created', jsonb_build_object('user_id', page.user_id, 'event_ids', page.event_ids)
    from (
      select numbered.user_id, jsonb_agg(numbered.id order by numbered.place) as event_ids
        from (select a.user_id, a.id, row_number() over (partition by a.user_id order by a.id) as place from added as a) as numbered
       group by numbered.user_id, (numbered.place - 1) / 1000) as page
    join private.webhooks as w on w.owner_id = page.user_id
   where w.enabled and 'events.created' = any (w.types);
  return null;
end;
$$;
comment on function private.queue_event_messages() is
  'Trigger: puts the ids of new events, up to 1,000 in one message, into the outbox of their owner''s webhooks. Where nobody has such a webhook it is one look at an index.';
create trigger events_queue_insert after insert on public.events referencing new table as added
  for each statement execute function private.queue_event_messages();
create index webhooks_events_idx on private.webhooks (owner_id) where enabled and 'events.created' = any (types);

-- Sending

create type private.webhook_message_key as (webhook_id uuid, id uuid);
comment on type private.webhook_message_key is 'The key of a message to a webhook.';

create function private.bury_webhook_messages(keys private.webhook_message_key[])
returns integer
language plpgsql volatile
set search_path = ''
as $$
declare
  v_webhook private.webhooks;
  v_buried integer;
begin
  update private.webhook_messages as m set state = 'dead', finished_at = now()
    from unnest(bury_webhook_messages.keys) as k
   where m.webhook_id = k.webhook_id and m.id = k.id and m.state = 'pending';
  get diagnostics v_buried = row_count;
  for v_webhook in
    select w.* from private.webhooks as w where w.id in (select k.webhook_id from unnest(bury_webhook_messages.keys) as k) order by w.id
  loop
    perform private.raise_alert(v_webhook.owner_id, v_webhook.organization_id, 'webhook_failing', 'warning', v_webhook.id::text,
      'Messages to a webhook were given up', jsonb_build_object('webhook_id', v_webhook.id));
  end loop;
  return v_buried;
end;
$$;
comment on function private.bury_webhook_messages(private.webhook_message_key[]) is 'Gives up messages, and raises an alert for whom the webhook belongs to: how many.';

create function private.claim_webhook_messages(max_rows integer)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_delays constant interval[] := array[interval '1 minute', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours', '14 hours', '20 hours'];
  v_claimed jsonb;
begin
  perform private.bury_webhook_messages(array(
    select row(m.webhook_id, m.id)::private.webhook_message_key from private.webhook_messages as m
     where m.state = 'pending' and m.created_at < now() - interval '3 days' limit 1000 for update skip locked));
  with due as materialized (
    select m.* from private.webhooks as w
     cross join lateral (
       select m.webhook_id, m.id from private.webhook_messages as m
        where m.webhook_id = w.id and m.state = 'pending' and m.next_attempt_at <= now()
        order by m.next_attempt_at, m.id
        limit case when w.failures > 0 then 1 else 20 end for update skip locked) as m
     where w.enabled
     limit least(greatest(claim_webhook_messages.max_rows, 1), 200)
  ),
  claimed as (
    update private.webhook_messages as m
       set attempts = m.attempts + 1, last_attempt_at = now(), next_attempt_at = now() + c_delays[least(m.attempts + 1, 8)]
      from due where m.webhook_id = due.webhook_id and m.id = due.id
    returning m.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('webhook_id', c.webhook_id, 'id', c.id, 'type', c.type, 'created_at', c.created_at, 'data', c.data,
      'attempt', c.attempts, 'url', w.url,
      'secret_versions', case when w.secret_version > 1 and w.secret_changed_at > now() - interval '24 hours'
        then jsonb_build_array(w.secret_version, w.secret_version - 1) else jsonb_build_array(w.secret_version) end) order by c.id), '[]')
    into v_claimed from claimed as c join private.webhooks as w on w.id = c.webhook_id;
  return v_claimed;
end;
$$;
comment on function private.claim_webhook_messages(integer) is 'The work of public.claim_webhook_messages.';
grant execute on function private.claim_webhook_messages(integer) to service_role;

create function public.claim_webhook_messages(max_rows integer default 50)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.claim_webhook_messages(claim_webhook_messages.max_rows)
$$;
comment on function public.claim_webhook_messages(integer) is
  'For the job webhooks: takes messages that are due, so that none is taken twice within its delay: [{webhook_id, id, type, created_at, data, attempt, url, secret_versions}].';
revoke execute on function public.claim_webhook_messages(integer) from public, anon;
grant execute on function public.claim_webhook_messages(integer) to service_role;

create function private.settle_webhook_messages(outcomes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_told jsonb;
  v_delivered integer;
  v_failed integer;
begin
  -- Only what still waits, each once, in an order in which nobody waits for another.
  select coalesce(jsonb_agg(told), '[]') into v_told
    from (
      select m.webhook_id, m.id, o.status, o.error
        from private.webhook_messages as m
        join (select distinct on (o.webhook_id, o.id) o.* from jsonb_to_recordset(settle_webhook_messages.outcomes)
                as o (webhook_id uuid, id uuid, status integer, error text)) as o on o.webhook_id = m.webhook_id and o.id = m.id
       where m.state = 'pending'
       order by m.webhook_id, m.id for no key update of m) as told;

  update private.webhook_messages as m set
      state = case when o.error is null then 'delivered' else 'pending' end, finished_at = case when o.error is null then now() end,
      last_status = o.status, last_error = left(o.error, 100)
    from jsonb_to_recordset(v_told) as o (webhook_id uuid, id uuid, status integer, error text)
   where m.webhook_id = o.webhook_id and m.id = o.id;

  update private.webhooks as w set
      failures = case when o.delivered > 0 then 0 else w.failures + o.failed end, enabled = w.enabled and not o.is_gone
    from (select o.webhook_id, count(*) filter (where o.error is null)::integer as delivered, count(o.error)::integer as failed, coalesce(bool_or(o.status = 410), false) as is_gone
            from jsonb_to_recordset(v_told) as o (webhook_id uuid, id uuid, status integer, error text) group by o.webhook_id) as o
   where w.id = o.webhook_id and (o.delivered = 0 or w.failures > 0 or o.is_gone);

  perform private.resolve_alert(w.owner_id, w.organization_id, 'webhook_failing', w.id::text)
    from private.webhooks as w
   where w.id in (select o.webhook_id from jsonb_to_recordset(v_told) as o (webhook_id uuid, error text) where o.error is null);

  select count(*) filter (where o.error is null), count(o.error) into v_delivered, v_failed
    from jsonb_to_recordset(v_told) as o (error text);
  return jsonb_build_object('delivered', v_delivered, 'failed', v_failed, 'dead', private.bury_webhook_messages(array(
    select row(m.webhook_id, m.id)::private.webhook_message_key
      from jsonb_to_recordset(v_told) as o (webhook_id uuid, id uuid, status integer)
      join private.webhook_messages as m on m.webhook_id = o.webhook_id and m.id = o.id
     where m.state = 'pending' and (m.attempts >= 8 or o.status = 410))));
end;
$$;
comment on function private.settle_webhook_messages(jsonb) is 'The work of public.settle_webhook_messages.';
grant execute on function private.settle_webhook_messages(jsonb) to service_role;

create function public.settle_webhook_messages(outcomes jsonb)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.settle_webhook_messages(settle_webhook_messages.outcomes)
$$;
comment on function public.settle_webhook_messages(jsonb) is
  'For the job webhooks: what became of claimed messages, [{webhook_id, id, status (HTTP, or null), error (null when delivered)}]: {delivered, failed, dead}. After the eighth failure a message is dead; status 410 ends the webhook too.';
revoke execute on function public.settle_webhook_messages(jsonb) from public, anon;
grant execute on function public.settle_webhook_messages(jsonb) to service_role;

-- Managing

create function private.webhook_for_update(webhook_id uuid)
returns private.webhooks
language plpgsql volatile
set search_path = ''
as $$
declare
  v_webhook private.webhooks;
begin
  perform private.require_account();
  select * into v_webhook from private.webhooks as w
   where w.id = webhook_for_update.webhook_id
     and (w.owner_id = (select auth.uid()) or w.organization_id in (select private.administered_organization_ids()))
     for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'webhook_not_found', detail = 'No such webhook of yours or of an organisation that you administer';
  end if;
  return v_webhook;
end;
$$;
comment on function private.webhook_for_update(uuid) is
  'A webhook that the caller manages, locked. For definer functions only. Errors: not_authenticated (401), webhook_not_found (404).';

create function private.create_webhook(url text, types text[], organization_id uuid, description text)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_webhook private.webhooks;
begin
  perform private.require_account();
  if create_webhook.organization_id is not null then
    if create_webhook.organization_id not in (select private.my_organization_ids()) then
      raise exception using errcode = 'PT404', message = 'organization_not_found', detail = 'No such organisation of yours';
    end if;
    if create_webhook.organization_id not in (select private.administered_organization_ids()) then
      raise exception using errcode = 'PT403', message = 'role_insufficient', detail = 'An organisation''s webhooks are its admins'' matter';
    end if;
  end if;
  -- Two at once may both be the tenth; the limit is against forgetting, not against an attacker.
  if (select count(*) >= 10 from private.webhooks as w
       where case when create_webhook.organization_id is null then w.owner_id = (select auth.uid()) else w.organization_id = create_webhook.organization_id end) then
    raise exception using errcode = 'PT409', message = 'webhook_limit_reached', detail = 'There are ten webhooks already';
  end if;
  insert into private.webhooks (owner_id, organization_id, url, types, description)
  values (case when create_webhook.organization_id is null then (select auth.uid()) end, create_webhook.organization_id,
    create_webhook.url, create_webhook.types, create_webhook.description)
  returning * into v_webhook;
  return private.webhook_json(v_webhook);
end;
$$;
comment on function private.create_webhook(text, text[], uuid, text) is 'The work of public.create_webhook.';
grant execute on function private.create_webhook(text, text[], uuid, text) to authenticated;

create function public.create_webhook(url text, types text[], organization_id uuid default null, description text default null)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.create_webhook(create_webhook.url, create_webhook.types, create_webhook.organization_id, create_webhook.description);
exception when check_violation or not_null_violation then
  raise exception using errcode = 'PT400', message = 'validation_failed',
    detail = 'A webhook has an http address without user and fragment, and types among alert.raised, alert.resolved and, a person''s own, events.created';
end;
$$;
comment on function public.create_webhook(text, text[], uuid, text) is
  'Makes a webhook of the caller, or of an organisation that he administers: the webhook. The secret is derived from its id and secret_version by functions/admin, which alone knows it. Errors: not_authenticated (401), validation_failed (400), organization_not_found (404), role_insufficient (403), webhook_limit_reached (409).';
revoke execute on function public.create_webhook(text, text[], uuid, text) from public, anon;
grant execute on function public.create_webhook(text, text[], uuid, text) to authenticated;

create function private.get_webhooks()
returns jsonb
language sql stable security definer
set search_path = ''
as $$
  select coalesce(jsonb_agg(private.webhook_json(w) order by w.id desc), '[]')
    from private.webhooks as w
   where w.owner_id = (select auth.uid()) or w.organization_id in (select private.administered_organization_ids())
$$;
comment on function private.get_webhooks() is 'The work of public.get_webhooks.';
grant execute on function private.get_webhooks() to authenticated;

create function public.get_webhooks()
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_person();
  select private.get_webhooks()
$$;
comment on function public.get_webhooks() is 'The webhooks of the caller and of the organisations that he administers, newest first.';
revoke execute on function public.get_webhooks() from public, anon;
grant execute on function public.get_webhooks() to authenticated;

create function private.update_webhook(webhook_id uuid, changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_webhook private.webhooks := private.webhook_for_update(update_webhook.webhook_id);
  v_rotates constant boolean := coalesce((update_webhook.changes ->> 'rotate_secret')::boolean, false);
begin
  update private.webhooks as w set
      url = coalesce(update_webhook.changes ->> 'url', w.url),
      types = case when update_webhook.changes ? 'types' then array(select jsonb_array_elements_text(update_webhook.changes -> 'types')) else w.types end,
      description = case when update_webhook.changes ? 'description' then update_webhook.changes ->> 'description' else w.description end,
      enabled = coalesce((update_webhook.changes ->> 'enabled')::boolean, w.enabled),
      failures = 0,
      secret_version = w.secret_version + v_rotates::integer,
      secret_changed_at = case when v_rotates then now() else w.secret_changed_at end
   where w.id = v_webhook.id
  returning * into v_webhook;
  return private.webhook_json(v_webhook);
end;
$$;
comment on function private.update_webhook(uuid, jsonb) is 'The work of public.update_webhook.';
grant execute on function private.update_webhook(uuid, jsonb) to authenticated;

create function public.update_webhook(webhook_id uuid, changes jsonb)
returns jsonb
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  return private.update_webhook(update_webhook.webhook_id, update_webhook.changes);
exception when check_violation or invalid_parameter_value or invalid_text_representation then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'The changes are not of the expected shape';
end;
$$;
comment on function public.update_webhook(uuid, jsonb) is
  'Changes {url, types, description, enabled, rotate_secret} of a webhook that the caller manages: the webhook. Errors: not_authenticated (401), validation_failed (400), webhook_not_found (404).';
revoke execute on function public.update_webhook(uuid, jsonb) from public, anon;
grant execute on function public.update_webhook(uuid, jsonb) to authenticated;

create function private.delete_webhook(webhook_id uuid)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_webhook constant private.webhooks := private.webhook_for_update(delete_webhook.webhook_id);
begin
  delete from private.webhooks as w where w.id = v_webhook.id;
end;
$$;
comment on function private.delete_webhook(uuid) is 'The work of public.delete_webhook.';
grant execute on function private.delete_webhook(uuid) to authenticated;

create function public.delete_webhook(webhook_id uuid)
returns void
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.delete_webhook(delete_webhook.webhook_id)
$$;
comment on function public.delete_webhook(uuid) is
  'Deletes a webhook that the caller manages, and its messages. Errors: not_authenticated (401), webhook_not_found (404).';
revoke execute on function public.delete_webhook(uuid) from public, anon;
grant execute on function public.delete_webhook(uuid) to authenticated;

create function private.message_json(message private.webhook_messages)
returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(message_json.message) - '{webhook_id,data}'::text[]
$$;
comment on function private.message_json(private.webhook_messages) is 'A message as the API shows it, without what it says.';

create function private.test_webhook(webhook_id uuid)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_webhook constant private.webhooks := private.webhook_for_update(test_webhook.webhook_id);
  v_message private.webhook_messages;
begin
  if not v_webhook.enabled then
    raise exception using errcode = 'PT409', message = 'webhook_disabled', detail = 'Enable the webhook first';
  end if;
  if (select count(*) >= 5 from private.webhook_messages as m where m.webhook_id = v_webhook.id and m.type = 'webhook.test' and m.state = 'pending') then
    raise exception using errcode = 'PT409', message = 'webhook_limit_reached', detail = 'Five tests of this webhook wait already';
  end if;
  insert into private.webhook_messages (webhook_id, type, data) values (v_webhook.id, 'webhook.test', jsonb_build_object('webhook_id', v_webhook.id))
  returning * into v_message;
  return private.message_json(v_message);
end;
$$;
comment on function private.test_webhook(uuid) is 'The work of public.test_webhook.';
grant execute on function private.test_webhook(uuid) to authenticated;

create function public.test_webhook(webhook_id uuid)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  select private.test_webhook(test_webhook.webhook_id)
$$;
comment on function public.test_webhook(uuid) is
  'Puts a message of type webhook.test into the outbox; the job sends it within a minute: the message. Errors: not_authenticated (401), webhook_not_found (404), webhook_disabled, webhook_limit_reached (409).';
revoke execute on function public.test_webhook(uuid) from public, anon;
grant execute on function public.test_webhook(uuid) to authenticated;

create function private.get_webhook_deliveries(webhook_id uuid, max_rows integer, cursor_id uuid, backward boolean)
returns jsonb
language plpgsql stable security definer
set search_path = ''
as $$
declare
  v_rows constant integer := least(greatest(get_webhook_deliveries.max_rows, 1), 200);
  v_answer jsonb;
begin
  if not exists (
    select from private.webhooks as w
     where w.id = get_webhook_deliveries.webhook_id
       and (w.owner_id = (select auth.uid()) or w.organization_id in (select private.administered_organization_ids()))) then
    raise exception using errcode = 'PT404', message = 'webhook_not_found', detail = 'No such webhook of yours or of an organisation that you administer';
  end if;
  with page as (
    select private.message_json(m) as message,
      row_number() over (order by case when get_webhook_deliveries.backward then m.id end, case when not get_webhook_deliveries.backward then m.id end desc) as position
      from private.webhook_messages as m
     where m.webhook_id = get_webhook_deliveries.webhook_id
       and (get_webhook_deliveries.cursor_id is null
            or case when get_webhook_deliveries.backward then m.id > get_webhook_deliveries.cursor_id else m.id < get_webhook_deliveries.cursor_id end)
     order by position limit v_rows + 1
  )
  select jsonb_build_object(
    'deliveries', coalesce(jsonb_agg(page.message order by case when get_webhook_deliveries.backward then -page.position else page.position end)
      filter (where page.position <= v_rows), '[]'),
    'has_more', count(*) > v_rows,
    'total', (select count(*) from private.webhook_messages as m where m.webhook_id = get_webhook_deliveries.webhook_id),
    'total_is_estimate', false)
    into v_answer from page;
  return v_answer;
end;
$$;
comment on function private.get_webhook_deliveries(uuid, integer, uuid, boolean) is 'The work of public.get_webhook_deliveries.';
grant execute on function private.get_webhook_deliveries(uuid, integer, uuid, boolean) to authenticated;

create function public.get_webhook_deliveries(webhook_id uuid, max_rows integer default 50, cursor_id uuid default null, backward boolean default false)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_person();
  select private.get_webhook_deliveries(get_webhook_deliveries.webhook_id, get_webhook_deliveries.max_rows,
    get_webhook_deliveries.cursor_id, get_webhook_deliveries.backward)
$$;
comment on function public.get_webhook_deliveries(uuid, integer, uuid, boolean) is
  'A page of the messages to a webhook that the caller manages, newest first: {deliveries: [{id, type, state pending|delivered|dead, attempts, next_attempt_at, last_attempt_at, last_status, last_error, created_at, finished_at}], has_more, total, total_is_estimate}. Errors: webhook_not_found (404).';
revoke execute on function public.get_webhook_deliveries(uuid, integer, uuid, boolean) from public, anon;
grant execute on function public.get_webhook_deliveries(uuid, integer, uuid, boolean) to authenticated;

select private.audit_table('private.webhooks', '{url,description}');
