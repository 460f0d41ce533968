-- Questions in words: when a person's data changed, what was asked and how it was read, answers kept until the data moves
-- on, vectors of questions, and whom a name in a question may mean.

-- The version of a person's data is the sum over his rows. A writer takes any row that no other transaction holds, and makes
-- one where there is none, so none waits for another: a person has as many rows as he had writers at once.
create table private.data_versions (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  slot bigint generated always as identity,
  version bigint not null default 1,
  shared bigint not null default 0,
  primary key (user_id, slot)
);
comment on table private.data_versions is
  'Counts the changes of a person''s data that answers depend on: private.data_version is the sum.';
comment on column private.data_versions.shared is
  'Counts those changes that teammates may see: what their answers depend on.';
insert into private.user_tables values ('private.data_versions', 'user_id', 'How often the data changed', null);

create function private.data_version(owner_id uuid)
returns bigint
language sql stable
set search_path = ''
as $$
  select coalesce(sum(v.version), 0)::bigint from private.data_versions as v where v.user_id = data_version.owner_id
$$;
comment on function private.data_version(uuid) is
  'A number that grows with every committed change of what this person''s answers are made from. Read it before the data: then an answer is never older than its version. For definer functions only.';

create function private.my_data_version()
returns bigint
language sql stable security definer
set search_path = ''
as $$
  select private.data_version((select auth.uid()))
$$;
comment on function private.my_data_version() is 'private.data_version of the caller.';
grant execute on function private.my_data_version() to authenticated;

create function private.bump_data_version(owner_id uuid, is_shared boolean)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  update private.data_versions as v set version = v.version + 1, shared = v.shared + bump_data_version.is_shared::integer
   where v.user_id = bump_data_version.owner_id
     and v.slot = (select free.slot from private.data_versions as free where free.user_id = bump_data_version.owner_id
                    order by free.slot limit 1 for update skip locked);
  if not found then
    -- Nobody's data: the account is going, and this change with it.
    insert into private.data_versions (user_id, shared)
    select p.user_id, bump_data_version.is_shared::integer from public.profiles as p where p.user_id = bump_data_version.owner_id;
  end if;
end;
$$;
comment on function private.bump_data_version(uuid, boolean) is
  'Adds a change to private.data_version, and to what teammates may see when it is_shared. It never waits for another writer.';

-- What happens with a private contact is no change to teammates: an answer of theirs that had to be made anew would tell
-- that there is one.
create function private.count_data_change()
returns trigger
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_counted constant text := tg_argv[0];
  c_shared constant text := tg_argv[1];
  c_condition constant text := tg_argv[2];
  c_rows constant text := case tg_op when 'INSERT' then 'added' else 'removed' end;
  v_shown text;
  v_owner record;
begin
  v_shown := case when c_shared = '' then 'select null::uuid as user_id where false'
    when tg_op = 'UPDATE' then format('(select user_id, %1$s from added except select user_id, %1$s from removed)
      union all (select user_id, %1$s from removed except select user_id, %1$s from added)', c_shared)
    else format('select user_id, %s from %s', c_shared, c_rows) end;
  for v_owner in execute format('
      select o.user_id, exists (select from (%s) as shown where shown.user_id = o.user_id and %s) as is_shared
        from (select distinct user_id from (%s) as counted) as o order by o.user_id',
    v_shown, c_condition,
    case when tg_op = 'UPDATE' then format('select user_id, %1$s from added except select user_id, %1$s from removed', c_counted)
      else format('select user_id from %s', c_rows) end)
  loop
    perform private.bump_data_version(v_owner.user_id, v_owner.is_shared);
    if tg_op = 'DELETE' then
      perform private.drop_cached_answers(v_owner.user_id);
    end if;
  end loop;
  return null;
end;
$$;
comment on function private.count_data_change() is
  'Trigger: counts a statement that changed somebody''s data in private.data_versions. Its arguments: the columns whose update counts, those that teammates may see (none: empty), and in which rows, called shown. What is deleted goes from the answers that are kept, too.';

do $$
declare
  c_open constant text := 'not exists (select from public.privacy_rules as r where r.user_id = shown.user_id and r.contact_id = shown.%1$s and r.visibility = ''private'')';
  -- Contacts without events are shown to nobody.
  c_known constant text := 'exists (select from public.events as e where e.user_id = shown.user_id and e.contact_id = shown.%1$s)';
  v_table record;
  v_event text;
begin
  for v_table in
    select * from (values
      ('public.events', 'id, ts, number, contact_id, line_id, type, direction, status, duration, content, source, sources',
        'id, ts, number, contact_id, type, direction, status, duration, content, source', format(c_open, 'contact_id')),
      ('private.event_variants', 'fingerprint, event_id, ts', '', 'true'),
      ('public.contacts', 'id, name, also_known_as, company, tags',
        'id, name, company', format(c_known || ' and ' || c_open, 'id')),
      ('public.contact_numbers', 'number, contact_id',
        'number, contact_id', format(c_known || ' and ' || c_open, 'contact_id')),
      ('public.privacy_rules', 'contact_id, visibility, mask_number, mask_content',
        'contact_id, visibility, visibility <> ''private'' and mask_number, visibility <> ''private'' and mask_content', format(c_known, 'contact_id')),
      ('public.lines', 'id, name, number, kind', '', 'true'),
      ('public.sync_sources', 'id, kind, name, last_report_at, last_ingest_at, last_event_at, errors', '', 'true'),
      ('public.coverage', 'sync_source_id, type, covered', '', 'true'),
      ('public.imports', 'id, state, kind, filename, declared, found, refused, errors, created_at', '', 'true'),
      ('public.profiles', 'display_name, time_zone, default_region, locale, week_start, do_not_share', 'display_name, do_not_share', 'true')) as t (name, columns, shared, condition)
  loop
    foreach v_event in array array['insert', 'update', 'delete'] loop
      continue when v_table.name = 'public.profiles' and v_event <> 'update';
      execute format('create trigger %I after %s on %s referencing %s for each statement execute function private.count_data_change(%L, %L, %L)',
        split_part(v_table.name, '.', 2) || '_count_' || v_event, v_event, v_table.name,
        case v_event when 'insert' then 'new table as added' when 'delete' then 'old table as removed'
          else 'old table as removed new table as added' end,
        v_table.columns, v_table.shared, v_table.condition);
    end loop;
  end loop;
end;
$$;

-- History

create table public.nlq_queries (
  user_id uuid not null references public.profiles (user_id) on delete cascade,
  id uuid not null default private.uuid_v7(),
  asked_at timestamptz not null default now(),
  question text not null check (char_length(question) between 1 and 1000),
  normalized text not null check (char_length(normalized) <= 1000),
  template text check (char_length(template) between 1 and 1000),
  local_date date not null,
  time_zone text not null check (private.is_time_zone(time_zone)),
  planner text not null check (planner in ('built_in', 'model')),
  planner_version text not null check (char_length(planner_version) between 1 and 100),
  plan jsonb check (jsonb_typeof(plan) = 'object' and octet_length(plan::text) <= 20000),
  resolved jsonb check (jsonb_typeof(resolved) = 'object' and octet_length(resolved::text) <= 20000),
  sentence text check (char_length(sentence) <= 10000),
  clarification jsonb check (jsonb_typeof(clarification) = 'object' and octet_length(clarification::text) <= 20000),
  answer jsonb check (jsonb_typeof(answer) = 'object'),
  answer_key text check (char_length(answer_key) between 16 and 200),
  data_version bigint not null,
  context_id uuid,
  is_follow_up boolean not null,
  feedback text check (feedback in ('right', 'wrong', 'meant')),
  feedback_at timestamptz,
  corrected_plan jsonb check (jsonb_typeof(corrected_plan) = 'object' and octet_length(corrected_plan::text) <= 20000),
  cache text not null check (cache in ('exact', 'template', 'answer', 'miss')),
  took_ms integer check (took_ms >= 0),
  primary key (user_id, id),
  foreign key (user_id, context_id) references public.nlq_queries (user_id, id) on delete set null (context_id),
  constraint nlq_queries_corrected_when_meant check (
    (feedback is null) = (feedback_at is null) and (feedback is not distinct from 'meant') = (corrected_plan is not null)),
  constraint nlq_queries_answer_has_key check (answer is null or answer_key is not null)
);
-- A text of a thousand letters is too long for an index.
create index nlq_queries_text_idx on public.nlq_queries (user_id, md5(normalized), id);
create index nlq_queries_answer_idx on public.nlq_queries (user_id, answer_key) where answer is not null;
create index nlq_queries_context_idx on public.nlq_queries (user_id, context_id) where context_id is not null;
alter table public.nlq_queries enable row level security;
create policy nlq_queries_select on public.nlq_queries for select to authenticated using (user_id = (select auth.uid()));
create policy nlq_queries_delete on public.nlq_queries for delete to authenticated using (user_id = (select auth.uid()));
grant select, delete on public.nlq_queries to authenticated;
grant select, insert, update, delete on public.nlq_queries to service_role;
comment on table public.nlq_queries is
  'What a person asked in words, how it was read and what was answered. His alone, whatever the organisation.';
comment on column public.nlq_queries.normalized is 'The question as the cache knows it: case, spacing and signs do not count.';
comment on column public.nlq_queries.template is 'The question with its slots masked, such as calls from ⟨contact⟩ in ⟨time⟩.';
comment on column public.nlq_queries.local_date is 'The day on which it was asked, in time_zone.';
comment on column public.nlq_queries.planner_version is 'Plans of another version are not taken from the cache.';
comment on column public.nlq_queries.plan is 'How it was read; null when a question was asked back.';
comment on column public.nlq_queries.resolved is 'The plan with instants and ids, as it ran.';
comment on column public.nlq_queries.sentence is 'What was answered, in words.';
comment on column public.nlq_queries.clarification is 'What was asked back: {question, choices}.';
comment on column public.nlq_queries.answer is 'The whole answer while data_version is current and nothing was deleted; null later.';
comment on column public.nlq_queries.answer_key is 'Hash of the resolved plan and zone.';
comment on column public.nlq_queries.data_version is 'private.data_version as read before the answer was made.';
comment on column public.nlq_queries.context_id is 'The question that this one follows up: its plan was made with that one''s.';
comment on column public.nlq_queries.is_follow_up is 'It says nothing by itself, also when the question before is deleted.';
comment on column public.nlq_queries.feedback is 'What the person says of the reading; meant comes with corrected_plan.';
comment on column public.nlq_queries.cache is 'What was taken from the cache: a plan by its exact text or template, an answer, or nothing.';
insert into private.user_tables values ('public.nlq_queries', 'user_id', 'Questions in words and their answers', 'asked_at');

create function private.drop_cached_answers(owner_id uuid, before_version bigint default null)
returns void
language sql volatile
set search_path = ''
as $$
  update public.nlq_queries as q set answer = null
   where q.user_id = drop_cached_answers.owner_id
     and q.id = any (array(
       select stale.id from public.nlq_queries as stale
        where stale.user_id = drop_cached_answers.owner_id and stale.answer is not null
          and (drop_cached_answers.before_version is null or stale.data_version < drop_cached_answers.before_version)
        for update skip locked))
$$;
comment on function private.drop_cached_answers(uuid, bigint) is
  'Forgets the rows that a person''s kept answers hold, of all or of those before a version. For definer functions only.';

-- Vectors of different models are not compared, so the model is a part of the key. Few per owner: an exact scan finds them.
create table public.nlq_embeddings (
  user_id uuid not null,
  query_id uuid not null,
  model text not null check (char_length(model) between 1 and 100),
  version text not null check (char_length(version) between 1 and 100),
  embedding extensions.vector(384) not null,
  created_at timestamptz not null default now(),
  primary key (user_id, query_id, model, version),
  foreign key (user_id, query_id) references public.nlq_queries (user_id, id) on delete cascade
);
alter table public.nlq_embeddings enable row level security;
create policy nlq_embeddings_select on public.nlq_embeddings for select to authenticated using (user_id = (select auth.uid()));
grant select on public.nlq_embeddings to authenticated;
grant select, insert, update, delete on public.nlq_embeddings to service_role;
comment on table public.nlq_embeddings is 'Vectors of question templates, per model and version.';
insert into private.user_tables values ('public.nlq_embeddings', 'user_id', 'Vectors of questions', 'created_at');

create table private.embedding_queue (
  user_id uuid not null,
  query_id uuid not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text check (char_length(last_error) <= 500),
  primary key (user_id, query_id),
  foreign key (user_id, query_id) references public.nlq_queries (user_id, id) on delete cascade
);
create index embedding_queue_due_idx on private.embedding_queue (next_attempt_at) where attempts < 5;
comment on table private.embedding_queue is
  'Questions that wait for a vector from a provider that is not inline. After five attempts a row stays, with its last error.';
insert into private.user_tables values ('private.embedding_queue', 'user_id', 'Questions that wait for a vector', null);

create function private.claim_embeddings(model text, batch integer)
returns jsonb
language sql volatile security definer
set search_path = ''
as $$
  with due as materialized (
    select w.user_id, w.query_id from private.embedding_queue as w
     where w.attempts < 5 and w.next_attempt_at <= now()
     order by w.next_attempt_at limit least(greatest(claim_embeddings.batch, 1), 1000) for update skip locked
  ),
  claimed as (
    -- A worker that dies with it leaves it due again: after 1, 2, 4, 8 and 16 minutes.
    update private.embedding_queue as w
       set attempts = w.attempts + 1, next_attempt_at = now() + make_interval(mins => 1 << w.attempts)
      from due where w.user_id = due.user_id and w.query_id = due.query_id
    returning w.user_id, w.query_id, w.attempts
  )
  select coalesce(jsonb_agg(jsonb_build_object('user_id', q.user_id, 'query_id', q.id, 'text', coalesce(q.template, q.normalized),
      'attempts', claimed.attempts) order by q.id), '[]')
    from claimed join public.nlq_queries as q on q.user_id = claimed.user_id and q.id = claimed.query_id
   where not exists (select from public.nlq_embeddings as e
                      where e.user_id = q.user_id and e.query_id = q.id and e.model = claim_embeddings.model)
$$;
comment on function private.claim_embeddings(text, integer) is 'The work of public.claim_embeddings.';
grant execute on function private.claim_embeddings(text, integer) to service_role;

create function public.claim_embeddings(model text, batch integer default 100)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.claim_embeddings(claim_embeddings.model, claim_embeddings.batch)
$$;
comment on function public.claim_embeddings(text, integer) is
  'For a job with the service role: takes up to batch (1 to 1,000) questions that wait for a vector of this model, each for 1, 2, 4, 8 or 16 minutes and at most five times: [{user_id, query_id, text, attempts}].';
revoke execute on function public.claim_embeddings(text, integer) from public, anon;
grant execute on function public.claim_embeddings(text, integer) to service_role;

create function private.store_embeddings(model text, version text, embeddings jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_stored integer;
  v_failed integer;
begin
  insert into public.nlq_embeddings (user_id, query_id, model, version, embedding)
  select q.user_id, q.id, store_embeddings.model, store_embeddings.version, (given.item ->> 'embedding')::extensions.vector(384)
    from jsonb_array_elements(store_embeddings.embeddings) as given (item)
    join public.nlq_queries as q on q.user_id = (given.item ->> 'user_id')::uuid and q.id = (given.item ->> 'query_id')::uuid
   where given.item ->> 'embedding' is not null
  on conflict on constraint nlq_embeddings_pkey do update set embedding = excluded.embedding;
  get diagnostics v_stored = row_count;
  delete from private.embedding_queue as w using jsonb_array_elements(store_embeddings.embeddings) as given (item)
   where w.user_id = (given.item ->> 'user_id')::uuid and w.query_id = (given.item ->> 'query_id')::uuid
     and given.item ->> 'embedding' is not null;
  update private.embedding_queue as w set last_error = left(given.item ->> 'error', 500)
    from jsonb_array_elements(store_embeddings.embeddings) as given (item)
   where w.user_id = (given.item ->> 'user_id')::uuid and w.query_id = (given.item ->> 'query_id')::uuid
     and given.item ->> 'embedding' is null;
  get diagnostics v_failed = row_count;
  return jsonb_build_object('stored', v_stored, 'failed', v_failed);
end;
$$;
comment on function private.store_embeddings(text, text, jsonb) is 'The work of public.store_embeddings.';
grant execute on function private.store_embeddings(text, text, jsonb) to service_role;

create function public.store_embeddings(model text, version text, embeddings jsonb)
returns jsonb
language sql volatile
set search_path = ''
as $$
  select private.store_embeddings(store_embeddings.model, store_embeddings.version, store_embeddings.embeddings)
$$;
comment on function public.store_embeddings(text, text, jsonb) is
  'For a job with the service role: what became of claimed questions, [{user_id, query_id, embedding: 384 numbers} or {user_id, query_id, error}]. Those with a vector leave the queue, the others are due again after their claim: {stored, failed}. Questions deleted meanwhile are left out.';
revoke execute on function public.store_embeddings(text, text, jsonb) from public, anon;
grant execute on function public.store_embeddings(text, text, jsonb) to service_role;

-- Asking

-- A correction is about the words, so it holds on other days too, unless it names dates. A follow-up says nothing by itself.
create function public.get_nlq_context(
  question_key text, local_date date default null, time_zone text default null, planner_version text default null, context_id uuid default null)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_profile public.profiles;
  v_zone text;
  v_date date;
  v_previous jsonb;
  v_said public.nlq_queries;
  v_cached jsonb;
begin
  perform private.require_scope('nlq:query');
  select * into v_profile from public.profiles as p where p.user_id = (select auth.uid());
  if v_profile is null then
    raise exception using errcode = 'PT401', message = 'not_authenticated', detail = 'Sign in first';
  end if;
  v_zone := coalesce(get_nlq_context.time_zone, v_profile.time_zone);
  if not private.is_time_zone(v_zone) then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'time_zone is not an IANA time zone';
  end if;
  v_date := coalesce(get_nlq_context.local_date, (now() at time zone v_zone)::date);

  if get_nlq_context.context_id is not null then
    select jsonb_build_object('query_id', q.id, 'question', q.question, 'plan', coalesce(q.corrected_plan, q.plan),
        'clarification', q.clarification, 'feedback', q.feedback, 'asked_at', q.asked_at) into v_previous
      from public.nlq_queries as q where q.user_id = v_profile.user_id and q.id = get_nlq_context.context_id;
  elsif get_nlq_context.question_key <> '' then
    select * into v_said from public.nlq_queries as q
     where q.user_id = v_profile.user_id and md5(q.normalized) = md5(get_nlq_context.question_key)
       and q.normalized = get_nlq_context.question_key and q.feedback is not null and not q.is_follow_up
     order by q.feedback_at desc, q.id desc limit 1;
    if v_said.feedback = 'meant' and v_said.time_zone = v_zone
       and (v_said.local_date = v_date or not jsonb_path_exists(v_said.corrected_plan, '$.**.kind ? (@ == "absolute")')) then
      v_cached := jsonb_build_object('query_id', v_said.id, 'plan', v_said.corrected_plan, 'planner', v_said.planner,
        'is_corrected', true, 'data_version', v_said.data_version);
    elsif v_said.feedback is distinct from 'wrong' and v_said.feedback is distinct from 'meant' then
      select jsonb_build_object('query_id', q.id, 'plan', q.plan, 'planner', q.planner, 'is_corrected', false,
          'data_version', q.data_version) into v_cached
        from public.nlq_queries as q
       where q.user_id = v_profile.user_id and md5(q.normalized) = md5(get_nlq_context.question_key)
         and q.normalized = get_nlq_context.question_key and q.plan is not null and not q.is_follow_up
         and q.feedback is distinct from 'wrong'
         and q.planner_version = get_nlq_context.planner_version and q.local_date = v_date and q.time_zone = v_zone
       order by q.id desc limit 1;
    end if;
  end if;

  return jsonb_build_object(
    'profile', jsonb_build_object('time_zone', v_profile.time_zone, 'week_start', v_profile.week_start,
      'default_region', v_profile.default_region, 'locale', v_profile.locale),
    'time_zone', v_zone, 'local_date', v_date,
    'previous', v_previous,
    'cached', v_cached,
    'rejected_plan', case when v_said.feedback = 'wrong' then v_said.plan end,
    'version', private.my_data_version());
end;
$$;
comment on function public.get_nlq_context(text, date, text, text, uuid) is
  'What a question is read with: {profile {time_zone, week_start, default_region, locale}, time_zone (given or the profile''s), local_date (today there), previous {query_id, question, plan, clarification, feedback, asked_at} | null (the caller''s query context_id), cached {query_id, plan, planner, is_corrected, data_version} | null, rejected_plan (what this text was read as when the caller last said that it is wrong), version (private.data_version)}. A plan is cached for the same text, zone, day and planner_version, never with a context; the last feedback to the text decides: wrong, none is; meant, the corrected one, on other days too when it names no dates. Errors: not_authenticated (401), validation_failed (400).';
revoke execute on function public.get_nlq_context(text, date, text, text, uuid) from public, anon;
grant execute on function public.get_nlq_context(text, date, text, text, uuid) to authenticated;

create function public.find_nlq_answer(answer_key text)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('nlq:query');
  select jsonb_build_object('query_id', q.id, 'answer', q.answer, 'planner', q.planner, 'asked_at', q.asked_at)
    from public.nlq_queries as q
   where q.user_id = (select auth.uid()) and q.answer_key = find_nlq_answer.answer_key and q.answer is not null
     and q.data_version = (select private.my_data_version())
   order by q.id desc limit 1
$$;
comment on function public.find_nlq_answer(text) is
  'The caller''s last answer under this key while none of his data changed since: {query_id, answer, planner, asked_at}, or null.';
revoke execute on function public.find_nlq_answer(text) from public, anon;
grant execute on function public.find_nlq_answer(text) to authenticated;

create function private.record_nlq_query(query jsonb)
returns uuid
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  c_answer_bytes constant integer := 500000;
  v_version bigint;
  v_query public.nlq_queries;
  v_answer jsonb := nullif(record_nlq_query.query -> 'answer', 'null');
begin
  perform private.require_account();
  v_version := private.my_data_version();
  v_query := jsonb_populate_record(null::public.nlq_queries, jsonb_strip_nulls(
    record_nlq_query.query - '{id,user_id,asked_at,sentence,clarification,answer,is_follow_up,feedback,feedback_at,corrected_plan,plan,resolved}'::text[]));
  v_query.plan := nullif(record_nlq_query.query -> 'plan', 'null');
  v_query.resolved := nullif(record_nlq_query.query -> 'resolved', 'null');
  v_query.user_id := (select auth.uid());
  v_query.id := private.uuid_v7();
  v_query.asked_at := now();
  v_query.is_follow_up := v_query.context_id is not null;
  v_query.sentence := left(v_answer ->> 'answer', 10000);
  v_query.clarification := nullif(v_answer -> 'clarification', 'null');
  -- What was made from data that has moved on is no answer any more.
  if v_query.answer_key is not null and v_query.data_version = v_version and octet_length(v_answer::text) <= c_answer_bytes then
    v_query.answer := v_answer;
  end if;
  perform private.drop_cached_answers(v_query.user_id, v_version);
  if v_query.context_id is not null and not exists (
    select from public.nlq_queries as q where q.user_id = v_query.user_id and q.id = v_query.context_id) then
    raise exception using errcode = 'PT404', message = 'nlq_query_not_found', detail = 'context_id is no question of yours';
  end if;
  insert into public.nlq_queries values (v_query.*);

  if v_query.plan is not null and not v_query.is_follow_up and record_nlq_query.query ->> 'embedding_model' is not null then
    if jsonb_typeof(record_nlq_query.query -> 'embedding') = 'array' then
      insert into public.nlq_embeddings (user_id, query_id, model, version, embedding)
      select v_query.user_id, v_query.id, record_nlq_query.query ->> 'embedding_model', record_nlq_query.query ->> 'embedding_version', given.embedding
        from (select (record_nlq_query.query ->> 'embedding')::extensions.vector(384) as embedding) as given
       where extensions.vector_norm(given.embedding) > 0;
    else
      insert into private.embedding_queue (user_id, query_id) values (v_query.user_id, v_query.id);
    end if;
  end if;
  return v_query.id;
end;
$$;
comment on function private.record_nlq_query(jsonb) is 'The work of public.record_nlq_query.';
grant execute on function private.record_nlq_query(jsonb) to authenticated;

create function public.record_nlq_query(query jsonb)
returns uuid
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('nlq:query');
  return private.record_nlq_query(record_nlq_query.query);
exception when check_violation or not_null_violation or data_exception then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'A query has valid texts, plans, times and counts';
end;
$$;
comment on function public.record_nlq_query(jsonb) is
  'Keeps what the caller asked: {question, normalized, template?, local_date, time_zone, planner built_in|model, planner_version, plan?, resolved?, answer? (the whole body; its answer and clarification stay in the history), answer_key? (without it the body is not kept), data_version (read before the answer was made), context_id? (only where the plan was made with that question), cache exact|template|answer|miss, took_ms?, embedding_model?, embedding_version?, embedding? (384 numbers; a model without them puts the question in the queue)}. Returns its id. Errors: not_authenticated (401), validation_failed (400), nlq_query_not_found (404).';
revoke execute on function public.record_nlq_query(jsonb) from public, anon;
grant execute on function public.record_nlq_query(jsonb) to authenticated;

create function public.match_nlq_queries(embedding text, model text, version text, max_rows integer default 5)
returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  c_newest constant integer := 5000;
  v_embedding extensions.vector(384);
begin
  perform private.require_scope('nlq:query');
  begin
    v_embedding := match_nlq_queries.embedding::extensions.vector(384);
  exception when data_exception then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'embedding is a list of 384 numbers';
  end;
  return (
    with near as (
      select distinct on (coalesce(q.template, q.normalized)) q.id, q.normalized, q.template, coalesce(q.corrected_plan, q.plan) as plan,
        q.planner_version, q.feedback, v.similarity
        from (select e.query_id, 1 - (e.embedding operator(extensions.<=>) v_embedding) as similarity
                from public.nlq_embeddings as e
               where e.user_id = (select auth.uid()) and e.model = match_nlq_queries.model and e.version = match_nlq_queries.version
               order by e.query_id desc limit c_newest) as v
        join public.nlq_queries as q on q.user_id = (select auth.uid()) and q.id = v.query_id
       where v.similarity <> 'NaN' and q.plan is not null and q.feedback is distinct from 'wrong'
       -- Of one template the reading that its asker vouched for, then the latest.
       order by coalesce(q.template, q.normalized), q.feedback is not null desc, q.id desc
    ),
    best as (select * from near order by similarity desc, id desc limit least(greatest(match_nlq_queries.max_rows, 1), 50))
    select coalesce(jsonb_agg(jsonb_build_object('query_id', id, 'similarity', round(similarity::numeric, 6), 'normalized', normalized,
        'template', template, 'plan', plan, 'planner_version', planner_version, 'feedback', feedback)
      order by similarity desc, id desc), '[]')
    from best);
end;
$$;
comment on function public.match_nlq_queries(text, text, text, integer) is
  'The caller''s own questions nearest to a vector (a JSON list of 384 numbers) among those with one of the same model and version, the newest 5,000: [{query_id, similarity (cosine, -1 to 1), normalized, template, plan, planner_version, feedback}], best first, one for each template, at most max_rows (1 to 50). Readings called wrong are left out, corrected ones are given. Errors: validation_failed (400).';
revoke execute on function public.match_nlq_queries(text, text, text, integer) from public, anon;
grant execute on function public.match_nlq_queries(text, text, text, integer) to authenticated;

create function public.get_nlq_history(max_rows integer default 50, cursor_id uuid default null, backward boolean default false)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_person();
  with size as (select least(greatest(coalesce(get_nlq_history.max_rows, 50), 1), 200) as rows),
  older as (
    select q.* from public.nlq_queries as q
     where q.user_id = (select auth.uid()) and not coalesce(get_nlq_history.backward, false)
       and (get_nlq_history.cursor_id is null or q.id < get_nlq_history.cursor_id)
     order by q.id desc limit (select rows + 1 from size)
  ),
  newer as (
    select q.* from public.nlq_queries as q
     where q.user_id = (select auth.uid()) and get_nlq_history.backward
       and (get_nlq_history.cursor_id is null or q.id > get_nlq_history.cursor_id)
     order by q.id limit (select rows + 1 from size)
  ),
  listed as (
    select r.*, row_number() over () as position from (select * from older union all select * from newer) as r
  )
  select jsonb_build_object(
    'queries', coalesce(jsonb_agg(jsonb_build_object(
        'id', l.id, 'asked_at', l.asked_at, 'question', l.question, 'answer', l.sentence, 'clarification', l.clarification,
        'plan', l.plan, 'planner', l.planner, 'time_zone', l.time_zone, 'context_id', l.context_id, 'feedback', l.feedback,
        'feedback_at', l.feedback_at, 'corrected_plan', l.corrected_plan, 'cache', l.cache, 'took_ms', l.took_ms)
      order by l.id desc) filter (where l.position <= (select rows from size)), '[]'),
    'has_more', count(*) > (select rows from size),
    'total', (select count(*) from public.nlq_queries as q where q.user_id = (select auth.uid())),
    'total_is_estimate', false)
  from listed as l
$$;
comment on function public.get_nlq_history(integer, uuid, boolean) is
  'A page of the caller''s questions, newest first: {queries [{id, asked_at, question, answer (the sentence, null when asked back), clarification, plan, planner, time_zone, context_id, feedback, feedback_at, corrected_plan, cache, took_ms}], has_more, total, total_is_estimate}. Older than cursor_id, or newer with backward; has_more speaks of the direction read. max_rows 1 to 200.';
revoke execute on function public.get_nlq_history(integer, uuid, boolean) from public, anon;
grant execute on function public.get_nlq_history(integer, uuid, boolean) to authenticated;

create function public.delete_nlq_query(query_id uuid)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_person();
  delete from public.nlq_queries as q where q.user_id = (select auth.uid()) and q.id = delete_nlq_query.query_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'nlq_query_not_found', detail = 'No such question of yours';
  end if;
end;
$$;
comment on function public.delete_nlq_query(uuid) is
  'Deletes one of the caller''s questions with its answer and vectors. Errors: nlq_query_not_found (404).';
revoke execute on function public.delete_nlq_query(uuid) from public, anon;
grant execute on function public.delete_nlq_query(uuid) to authenticated;

create function public.clear_nlq_history()
returns bigint
language sql volatile
set search_path = ''
as $$
  select private.require_person();
  with gone as (delete from public.nlq_queries as q where q.user_id = (select auth.uid()) returning q.id)
  select count(*) from gone
$$;
comment on function public.clear_nlq_history() is 'Deletes all questions of the caller and returns how many there were.';
revoke execute on function public.clear_nlq_history() from public, anon;
grant execute on function public.clear_nlq_history() to authenticated;

create function private.record_nlq_feedback(query_id uuid, verdict text, corrected_plan jsonb)
returns void
language plpgsql volatile security definer
set search_path = ''
as $$
begin
  if record_nlq_feedback.verdict is null or record_nlq_feedback.verdict not in ('right', 'wrong', 'meant')
     or (record_nlq_feedback.verdict = 'meant') <> (record_nlq_feedback.corrected_plan is not null) then
    raise exception using errcode = 'PT400', message = 'validation_failed',
      detail = 'A verdict is right, wrong, or meant, which comes with the plan that was meant';
  end if;
  update public.nlq_queries as q
     set feedback = record_nlq_feedback.verdict, feedback_at = clock_timestamp(), corrected_plan = record_nlq_feedback.corrected_plan
   where q.user_id = (select auth.uid()) and q.id = record_nlq_feedback.query_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'nlq_query_not_found', detail = 'No such question of yours';
  end if;
end;
$$;
comment on function private.record_nlq_feedback(uuid, text, jsonb) is 'The work of public.record_nlq_feedback.';
grant execute on function private.record_nlq_feedback(uuid, text, jsonb) to authenticated;

create function public.record_nlq_feedback(query_id uuid, verdict text, corrected_plan jsonb default null)
returns void
language plpgsql volatile
set search_path = ''
as $$
begin
  perform private.require_scope('nlq:query');
  perform private.record_nlq_feedback(record_nlq_feedback.query_id, record_nlq_feedback.verdict, nullif(record_nlq_feedback.corrected_plan, 'null'));
exception when check_violation then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'corrected_plan is a plan of at most 20,000 bytes';
end;
$$;
comment on function public.record_nlq_feedback(uuid, text, jsonb) is
  'The caller says of one of his questions that it was read right, wrong, or meant as corrected_plan; what he says last holds. Errors: validation_failed (400), nlq_query_not_found (404).';
revoke execute on function public.record_nlq_feedback(uuid, text, jsonb) from public, anon;
grant execute on function public.record_nlq_feedback(uuid, text, jsonb) to authenticated;

-- Suggestions

create function private.frequent_contacts(max_rows integer)
returns jsonb
language plpgsql stable security definer
set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  c_days constant interval := interval '90 days';
  v_owner constant uuid := (select auth.uid());
  v_since timestamptz;
begin
  select max(a.bucket) - c_days into v_since from private.activity as a where a.user_id = v_owner and a.grain = 'day';
  return (
    with frequent as (
      select a.contact_id, sum(a.calls + a.sms) as events
        from private.contact_activity as a
        join public.contacts as c on c.user_id = a.user_id and c.id = a.contact_id and c.name is not null
       where a.user_id = v_owner and a.grain = 'day' and a.bucket >= v_since
       group by a.contact_id
       order by events desc, a.contact_id limit least(greatest(frequent_contacts.max_rows, 1), 50)
    )
    select coalesce(jsonb_agg(jsonb_build_object('contact_id', f.contact_id, 'name', c.name, 'company', c.company, 'tags', c.tags,
        'events', f.events, 'times', n.times) order by f.events desc, f.contact_id), '[]')
      from frequent as f
      join public.contacts as c on c.user_id = v_owner and c.id = f.contact_id
      cross join lateral (
        select jsonb_object_agg(k.kind, jsonb_build_object('count', k.events, 'last_at', k.last_at)) as times
          from (select e.direction || '_' || e.type as kind, count(*) as events, max(e.ts) as last_at
                  from public.events as e where e.user_id = v_owner and e.contact_id = f.contact_id and e.ts >= v_since group by 1
                union all
                select 'missed_call', count(*), max(e.ts) from public.events as e
                 where e.user_id = v_owner and e.contact_id = f.contact_id and e.ts >= v_since and e.status = 'missed'
                having count(*) > 0) as k) as n);
end;
$$;
comment on function private.frequent_contacts(integer) is
  'The named contacts with whom the caller had most events in the last 90 days of his log: [{contact_id, name, company, tags, events, times {inbound_call, outbound_call, missed_call, inbound_sms, outbound_sms: {count, last_at}}}]; what did not occur is not in times. max_rows 1 to 50.';
grant execute on function private.frequent_contacts(integer) to authenticated;

create function public.get_nlq_suggestions(prefix text default '', max_rows integer default 10)
returns jsonb
language sql stable
set search_path = ''
as $$
  select private.require_scope('nlq:query');
  with latest as (
    -- The newest 2,000 tell what is asked often.
    select q.* from public.nlq_queries as q where q.user_id = (select auth.uid()) order by q.id desc limit 2000
  ),
  asked as (
    select l.normalized, count(*) as uses, max(l.asked_at) as last_asked_at, (array_agg(l.id order by l.id desc))[1] as query_id
      from latest as l where l.plan is not null and not l.is_follow_up and l.feedback is distinct from 'wrong'
     group by l.normalized
  ),
  scored as (
    select a.*, case when starts_with(a.normalized, coalesce(get_nlq_suggestions.prefix, '')) then 1
        when char_length(get_nlq_suggestions.prefix) >= 3 then extensions.word_similarity(get_nlq_suggestions.prefix, a.normalized)
        else 0 end::double precision as score
      from asked as a
  ),
  best as (
    select * from scored where score >= 0.4
     order by score desc, uses desc, query_id desc limit least(greatest(coalesce(get_nlq_suggestions.max_rows, 10), 1), 50)
  )
  select jsonb_build_object(
    'history', coalesce((
      select jsonb_agg(jsonb_build_object('query_id', b.query_id, 'question', l.question, 'normalized', b.normalized,
          'plan', coalesce(l.corrected_plan, l.plan), 'uses', b.uses, 'last_asked_at', b.last_asked_at, 'score', round(b.score::numeric, 4))
        order by b.score desc, b.uses desc, b.query_id desc)
        from best as b join latest as l on l.id = b.query_id), '[]'),
    'contacts', private.frequent_contacts(20))
$$;
comment on function public.get_nlq_suggestions(text, integer) is
  'What the caller may want to ask: {history [{query_id, question, normalized, plan, uses, last_asked_at, score}], contacts (private.frequent_contacts, 20)}. History: his answered questions whose normalised text begins with prefix (score 1), then those alike (word similarity of at least 0.4), the most used and latest first; prefix is normalised as they are. max_rows 1 to 50 is of the history.';
revoke execute on function public.get_nlq_suggestions(text, integer) from public, anon;
grant execute on function public.get_nlq_suggestions(text, integer) to authenticated;

-- Whom a question means

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
