-- Questions in words: what was asked and how it was read, answers kept until the data moves on, and vectors of questions.

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
