import { functionsOf, relationsOf } from "./catalogue.ts";
import { hiddenFunctionAttack } from "./function_attacks.ts";
import { attackTest } from "./suite.ts";
import { hiddenRelationAttack } from "./table_attacks.ts";

attackTest("Nobody gets at private, auth or the history of migrations", async ({ stack }) => {
  const schemas = ["private", "auth", "supabase_migrations"];
  const relations = (await Promise.all(schemas.map((schema) => relationsOf(stack.db, schema)))).flat();
  return {
    attacks: [
      ...relations.map(hiddenRelationAttack),
      ...(await functionsOf(stack.db, "private")).map(hiddenFunctionAttack),
    ],
    controls: [],
    unreachable: {},
    // One of each role of the database, and of each rank that there is a rule for.
    by: ["Nobody (no token)", "A stranger", "A member", "A key of hers without a scope"],
  };
});
