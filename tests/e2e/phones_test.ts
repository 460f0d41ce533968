import { assert, assertEquals } from "@std/assert";
import { ApiUser, disposableStack } from "../helpers/api.ts";
import { ROOT } from "../helpers/processes.ts";

/** Real phone logs, on the machines that have them; they are no part of the project. */
const PHONES = `${ROOT}../shared/data/phones`;

const people = await Array.fromAsync(Deno.readDir(PHONES)).then(
  (entries) => entries.flatMap(({ name }) => /^calls-(user\d+)\.xml$/.exec(name)?.[1] ?? []).sort(),
  () => [],
);

/** Counts the records of a file without any parser of ours, by their raw text: all, different ones, missed calls. */
function counted(text: string): { all: number; different: number; missed: number } {
  const records = text.match(/<(call|sms) [^>]*>/g) ?? [];
  const key = (record: string) =>
    ["call ", 'number="[^"]*"', 'address="[^"]*"', 'duration="[^"]*"', ' date="[^"]*"', ' type="[^"]*"'].map((
      pattern,
    ) => new RegExp(pattern).exec(record)?.[0]).join();
  return {
    all: records.length,
    different: new Set(records.map(key)).size,
    missed: records.filter((record) => record.startsWith("<call") && record.includes(' type="3"')).length,
  };
}

Deno.test({
  name: "Real phone logs: every call and message is accounted for, and comes in once",
  ignore: people.length === 0,
  fn: async () => {
    await using stack = await disposableStack();
    for (const person of people) {
      const user = await ApiUser.signUp(stack, person, {
        time_zone: "Europe/Copenhagen",
        default_region: "DK",
      });
      const totals = { all: 0, different: 0, missed: 0 };
      for (const round of [1, 2]) {
        for (const kind of ["calls", "sms"]) {
          const text = await Deno.readTextFile(`${PHONES}/${kind}-${person}.xml`);
          const { all, different, missed } = counted(text);
          const { status, body: { data } } = await user.call("POST", "/api/imports", {
            body: text,
            headers: { "content-type": "text/xml" },
          });
          assertEquals([person, kind, status], [person, kind, 201]);
          assertEquals([data.declared, data.found, data.refused], [all, all, 0]);
          assertEquals(data.found, data.inserted + data.merged + data.duplicate + data.refused);
          assertEquals(
            [data.inserted, data.duplicate],
            round === 1 ? [different, all - different] : [0, all],
          );
          if (round === 1) {
            totals.different += different;
            totals.missed += missed;
          }
        }
      }
      const total = async (query: string) =>
        (await user.get(`/api/events?limit=1&${query}`)).body.meta.page.total;
      assertEquals([person, await total(""), await total("status=missed")], [
        person,
        totals.different,
        totals.missed,
      ]);
      const metrics =
        (await user.get("/api/dashboard/metrics?from=2014-01-01T00:00:00Z&to=2015-01-01T00:00:00Z")).body
          .data;
      assertEquals([metrics.total_events, metrics.missed_calls], [totals.different, totals.missed]);
      assert(metrics.top_contact.interaction_count > 0);
    }
  },
});
