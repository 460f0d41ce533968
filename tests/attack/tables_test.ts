import { relationsOf } from "./catalogue.ts";
import { attackTest } from "./suite.ts";
import { tableAttack, tableControls } from "./table_attacks.ts";

attackTest("Nobody gets at the tables of public", async ({ stack, target }) => {
  const relations = await relationsOf(stack.db, "public");
  return {
    attacks: relations.map(tableAttack),
    controls: relations.map((relation) => ({
      name: `table ${relation.name}`,
      requests: tableControls(relation, target),
      all: true,
    })),
    unreachable: {
      "table audit_log": "is read by get_audit_log alone",
      "table legal_holds": "is read by get_legal_holds alone",
    },
  };
});
