import { assertEquals } from "@std/assert";
import type { Session } from "../../dev/database.ts";
import { asUser, createUser, testDatabase } from "../helpers/database.ts";

const addLine = (owner: string, name: string) => async (session: Session) => {
  // A writer that had to wait for another would be told so here.
  await session.query("set local lock_timeout = '1s'");
  await session.query("insert into public.lines (user_id, name) values ($1, $2)", [owner, name]);
};

Deno.test({
  name: "Writers of one person's data do not wait for each other, and each of them counts",
  // PGlite has one connection, so there is never a second writer.
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const db = await testDatabase();
    try {
      const owner = await createUser(db, "writers@oracle.test");
      const version = () =>
        asUser(db, owner, async (session) => {
          const [row] = await session.query<{ version: number }>(
            "select (public.get_nlq_context('x') -> 'version')::integer as version",
          );
          return row?.version;
        });
      const versions: unknown[] = [await version()];
      await asUser(db, owner, async (session) => {
        await addLine(owner, "first")(session);
        await asUser(db, owner, addLine(owner, "second"));
        versions.push(await version());
        await addLine(owner, "third")(session);
        versions.push(await version());
      });
      versions.push(await version());
      await asUser(db, owner, addLine(owner, "fourth"));
      versions.push(await version());
      assertEquals(versions, [0, 1, 1, 3, 4]);
      const rows = await db.query("select 1 from private.data_versions where user_id = $1", [owner]);
      assertEquals(rows.length, 2, "As many rows as there were writers at once");
    } finally {
      await db.close();
    }
  },
});

Deno.test({
  name: "Two workers that claim questions at once get different ones",
  ignore: !Deno.env.get("DATABASE_URL"),
  fn: async () => {
    const db = await testDatabase();
    try {
      const owner = await createUser(db, "claims@oracle.test");
      const query = {
        question: "Calls?",
        normalized: "calls",
        local_date: "2026-05-01",
        time_zone: "UTC",
        planner: "built_in",
        planner_version: "1",
        plan: {},
        data_version: 0,
        cache: "miss",
        embedding_model: "m",
      };
      await asUser(db, owner, async (session) => {
        for (let n = 0; n < 3; n++) {
          await session.query("select public.record_nlq_query($1::text::jsonb)", [JSON.stringify(query)]);
        }
      });
      const claim = async (session: Session, batch: number) => {
        await session.query("set local role service_role");
        await session.query("set local lock_timeout = '1s'");
        const rows = await session.query<{ query_id: string }>(
          "select c ->> 'query_id' as query_id from jsonb_array_elements(public.claim_embeddings('m', $1)) as c",
          [batch],
        );
        return rows.map(({ query_id }) => query_id);
      };
      const claimed = await db.transaction(async (first) => [
        ...await claim(first, 2),
        ...await db.transaction((second) => claim(second, 2)),
      ]);
      assertEquals([claimed.length, new Set(claimed).size], [3, 3]);
    } finally {
      await db.close();
    }
  },
});
