import { openApiDocument } from "../../dev/openapi.ts";
import { type Operation, operationsOf, requestsOf, routeAttack } from "./route_attacks.ts";
import { attackTest } from "./suite.ts";

/** What takes away what others need goes last, and what takes away all of it after that; first a legal hold ends. */
const order = ({ method, path }: Operation) =>
  method !== "DELETE" ? 0 : path.includes("holds") ? 1 : path.includes("{") ? 2 : 3;

const UNREACHABLE = {
  "route POST /admin/members/accept": "takes the secret of an e-mail: members_test.ts",
  "route POST /privacy/erasure": "takes the confirmation that its owner was shown last: erasure_test.ts",
  "route GET /privacy/dataset": "has nothing to show of fewer than five people: retention_test.ts",
};

attackTest("Nobody gets at anything by the routes", async ({ target }) => {
  const { operations, document } = operationsOf(await openApiDocument());
  // What takes no token and names nothing, such as GET /admin/live, has nothing to be got at.
  const attacked = operations.filter(({ is_public, path }) => !is_public || path.includes("{"));
  return {
    attacks: attacked.map((operation) => routeAttack(operation, document)),
    controls: attacked.toSorted((a, b) => order(a) - order(b)).map((operation) => ({
      name: `route ${operation.method} ${operation.path}`,
      requests: operation.path.includes("{token}")
        ? [{ method: "GET", path: `/api/privacy/downloads/${target.download_token}` }]
        : requestsOf(operation, document, target),
      by_service: operation.by_secret_key,
    })),
    unreachable: UNREACHABLE,
  };
});
