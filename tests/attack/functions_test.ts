import { functionsOf } from "./catalogue.ts";
import { callRequest, callsOf, functionAttack } from "./function_attacks.ts";
import { attackTest } from "./suite.ts";

/** What takes away what others need goes last; a legal hold keeps anything from being taken away. */
const ORDER = [/^(lift|withdraw)/, /^(delete|erase|remove|leave|revoke)/, /^clear/];
const order = (name: string) => ORDER.findIndex((pattern) => pattern.test(name)) + 1;

const UNREACHABLE = {
  "function accept_invitation": "takes the secret of an e-mail: members.test.sql",
  "function request_erasure": "takes the confirmation that its owner was shown last: erasure.test.sql",
  "function add_export_part": "takes the lease that claim_export gave: exports.test.sql",
  "function finish_export": "takes the lease that claim_export gave: exports.test.sql",
  "function advance_job_run": "takes the run that start_job_run gave: jobs.test.sql",
  "function finish_job_run": "takes the run that start_job_run gave: jobs.test.sql",
  "function read_at_version":
    "answers to the version of one's own data only: replica_test.ts, data_version.test.sql",
  "function get_dataset": "has nothing to show of fewer than five people: dataset.test.sql",
};

attackTest("Nobody gets at anything by the functions of public", async ({ stack, target }) => {
  const callables = await functionsOf(stack.db, "public");
  return {
    attacks: callables.map(functionAttack),
    controls: callables.toSorted((a, b) => order(a.name) - order(b.name)).map((callable) => ({
      name: `function ${callable.name}`,
      requests: callsOf(callable, target).map((call) => callRequest(callable, call)),
      by_service: !callable.for_users,
    })),
    unreachable: UNREACHABLE,
  };
});
