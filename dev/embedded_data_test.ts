import { assertEquals } from "@std/assert";
import { deleteEmbedded, openEmbedded } from "./embedded_data.ts";

Deno.test("openEmbedded() begins a first start anew that was cut off, and finds its data the next time", async () => {
  const data = await Deno.makeTempDir();
  await Deno.mkdir(`${data}/database.new/base`, { recursive: true });
  await Deno.writeTextFile(`${data}/database.new/PG_VERSION`, "17\n");
  const logged: string[] = [];
  const log = (line: string) => logged.push(line);
  const first = await openEmbedded(data, log);
  await first.exec("create table kept (id int); insert into kept values (1)");
  await first.close();
  const again = await openEmbedded(data, log);
  assertEquals(await again.query("select id from kept"), [{ id: 1 }]);
  assertEquals(logged.length, 1);
  await again.close();
  await deleteEmbedded(data);
  assertEquals([...Deno.readDirSync(data)], []);
  await Deno.remove(data);
});
