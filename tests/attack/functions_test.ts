import { functionsOf } from "./catalogue.ts";
import { callRequest, callsOf, functionAttack } from "./function_attacks.ts";
import { attackTest } from "./suite.ts";

/** What takes away what others need goes last. */
const order = (
  name: string,
) => (/^(delete|erase|remove|leave|revoke)/.test(name) ? 1 : /^clear/.test(name) ? 2 : 0);

attackTest("Nobody gets at anything by the functions of public", async ({ stack, target }) => {
  const callables = await functionsOf(stack.db, "public");
  return {
    attacks: callables.map(functionAttack),
    controls: callables.toSorted((a, b) => order(a.name) - order(b.name)).map((callable) => ({
      name: `function ${callable.name}`,
      requests: callsOf(callable, target).map((call) => callRequest(callable, call)),
      by_service: !callable.for_users,
    })),
    unreachable: {},
  };
});
