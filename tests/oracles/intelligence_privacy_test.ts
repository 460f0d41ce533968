import { assertEquals } from "@std/assert";
import type { Database, Row } from "../../dev/database.ts";
import { asUser, testDatabase } from "../helpers/database.ts";

const CONTACTS = ["Eve", "Max", "Zed"];

/** A small organisation with fixed ids: ann (owner), bob and cy (members), vic (viewer); the last weeks of ann and bob. */
const TEAM = `
  create function public.id(name text) returns uuid language sql immutable set search_path = '' as $$ select md5(name)::uuid $$;
  grant execute on function public.id(text) to authenticated;
  insert into auth.users (id, email) select public.id(name), name || '@privacy.test' from unnest(array['ann', 'bob', 'cy', 'vic']) as name;
  insert into public.organizations (id, name) values (public.id('team'), 'Team');
  insert into public.org_members (organization_id, user_id, role) values
    (public.id('team'), public.id('ann'), 'owner'), (public.id('team'), public.id('bob'), 'member'),
    (public.id('team'), public.id('cy'), 'member'), (public.id('team'), public.id('vic'), 'viewer');
  create function public.log(who text, contact text, first integer, last integer, hour integer) returns void
    language sql set search_path = '' as $$
    insert into public.contacts (user_id, id, name) values (public.id(who), public.id(who || contact), contact) on conflict do nothing;
    insert into public.contact_numbers (user_id, number, contact_id)
      values (public.id(who), '+4477009' || lpad((ascii(contact))::text, 5, '0'), public.id(who || contact)) on conflict do nothing;
    insert into public.events (user_id, id, ts, number, contact_id, type, direction, status, duration, source, sources, fingerprint)
    select public.id(who), public.id(who || contact || day), timestamptz '2026-03-01 00:00Z' + make_interval(days => day, hours => hour, mins => day % 7 * 4),
      '+4477009' || lpad((ascii(contact))::text, 5, '0'), public.id(who || contact), 'call',
      case when day % 3 = 0 then 'inbound' else 'outbound' end, case when day % 5 = 0 then 'missed' else 'answered' end, day % 90, 'device', '{device}',
      public.id(who || contact || day)
      from generate_series(first, last, 2) as day;
  $$;
  select public.log('ann', 'Eve', 20, 90, 9), public.log('ann', 'Max', 31, 88, 10), public.log('bob', 'Eve', 1, 80, 12),
    public.log('bob', 'Max', 60, 99, 12), public.log('cy', 'Eve', 70, 75, 8), public.log('bob', 'Zed', 2, 50, 13);
`;

/** Zed, whom ann keeps to herself: the first and the last of her log, in all of its hours, and known to bob. */
const PRIVATE = `
  select public.log('ann', 'Zed', 0, 110, 9), public.log('ann', 'Zed', 1, 109, 22);
  insert into public.privacy_rules (user_id, contact_id, visibility) values (public.id('ann'), public.id('annZed'), 'private');
`;

const QUESTIONS = CONTACTS.flatMap((contact) =>
  ["ann", "bob", "cy"].flatMap((owner) => [
    `select public.get_contact_intelligence(public.id('${owner}${contact}'), '2026-02-01Z', '2026-06-25Z', 'Asia/Kathmandu')`,
    `select public.get_contact_intelligence(public.id('${owner}${contact}'), '2026-03-01Z', '2026-05-20Z', 'UTC')`,
    `select public.predict_interactions(contact_id => public.id('${owner}${contact}'), as_of => '2026-06-01Z')`,
    `select public.get_contact_relationships(public.id('${owner}${contact}'), '2026-03-01Z', '2026-06-20Z')`,
  ])
).concat("select public.predict_interactions(as_of => '2026-06-01Z')");

async function ask(db: Database, who: string, question: string): Promise<string> {
  const [{ id } = { id: "" }] = await db.query<{ id: string }>("select public.id($1) as id", [who]);
  const answer = await asUser(db, id, (session) => session.query<Row>(question))
    .then((rows) => rows[0] && Object.values(rows[0])[0], (error) => [error.code, error.message]);
  return JSON.stringify(answer, (key, value) => key === "generated_at" ? undefined : value);
}

async function answers(script: string): Promise<Map<string, string>> {
  const db = await testDatabase();
  try {
    await db.exec(script);
    const given = new Map<string, string>();
    for (const who of ["bob", "cy", "vic"]) {
      for (const question of QUESTIONS) given.set(`${who}: ${question}`, await ask(db, who, question));
    }
    const examples = await db.query(
      "select to_jsonb(x) as x from private.prediction_examples('2026-06-25Z') as x order by 1",
    );
    given.set("examples", JSON.stringify(examples));
    return given;
  } finally {
    await db.close();
  }
}

Deno.test("With and without a private contact every answer to others is the same, byte for byte", async () => {
  const without = await answers(TEAM);
  const given = await answers(TEAM + PRIVATE);
  for (const [question, answer] of without) assertEquals(given.get(question), answer, question);
  const of = (question: string) => [...without].find(([key]) => key.startsWith(question))?.[1] ?? "";
  // The comparison has something to compare: bob reads ann's Eve, and nobody reads her Zed.
  assertEquals(
    of("bob: select public.get_contact_intelligence(public.id('annEve')").includes('"events":36'),
    true,
  );
  assertEquals(
    of("bob: select public.get_contact_intelligence(public.id('annZed')"),
    '["PT404","contact_not_found"]',
  );
  assertEquals(
    of("vic: select public.get_contact_intelligence(public.id('annEve')"),
    '["PT404","contact_not_found"]',
  );
  assertEquals(of("examples").length > 1000, true);
});

Deno.test("The private contact would change the answers if it were not private", async () => {
  const without = await answers(TEAM);
  const shown = await answers(TEAM + PRIVATE.replace("'private'", "'team'"));
  const changed = [...without].filter(([question, answer]) => shown.get(question) !== answer).map((
    [question],
  ) => question);
  for (const name of ["get_contact_intelligence", "predict_interactions", "get_contact_relationships"]) {
    assertEquals(
      changed.some((question) => question.startsWith("bob") && question.includes(`${name}(`)),
      true,
      name,
    );
  }
  assertEquals(changed.includes("examples"), true);
});
