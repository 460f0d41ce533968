import { assert, assertEquals } from "@std/assert";
import { OPENAPI_PATH, openApiDocument } from "../../dev/openapi.ts";
import { lostPromises, type OpenApi } from "../../dev/openapi_compat.ts";

const RELEASES = new URL("../../docs/releases/", import.meta.url);

Deno.test("docs/openapi.json is what the surfaces are (deno task openapi)", async () => {
  assertEquals(await Deno.readTextFile(OPENAPI_PATH), await openApiDocument());
});

Deno.test("Nothing that the last release promised is lost or narrowed", async () => {
  const releases = (await Array.fromAsync(Deno.readDir(RELEASES))).map((entry) => entry.name).sort();
  const last = releases.at(-1);
  assert(last, "docs/releases holds the document of each release");
  const promised: OpenApi = JSON.parse(await Deno.readTextFile(new URL(last ?? "", RELEASES)));
  assertEquals(lostPromises(promised, JSON.parse(await openApiDocument())), []);
});

const before: OpenApi = {
  paths: {
    "/alone": { get: {} },
    "/things": {
      get: {
        parameters: [{ name: "kind", in: "query", schema: { type: "string", enum: ["a", "b"] } }],
        responses: {
          "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
        },
      },
      post: {
        requestBody: {
          content: {
            "application/json": {
              schema: {
                type: "object",
                properties: { name: { type: "string", maxLength: 10 }, size: { type: ["number", "null"] } },
                required: ["name"],
              },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: "object",
        properties: { id: { type: "string" }, parts: { type: "array", items: { type: "integer" } } },
        required: ["id"],
      },
    },
  },
};

// deno-lint-ignore no-explicit-any -- a test edits the tree anywhere
type Tree = any;

/** The losses after a change to a copy of `before`. */
function lossesAfter(change: (after: Tree) => void): string[] {
  const after = structuredClone(before);
  change(after);
  return lostPromises(before, after);
}

Deno.test("An addition is no loss", () => {
  assertEquals(
    lossesAfter((after) => {
      after.paths["/other"] = { get: {} };
      after.paths["/things"].get.parameters.push({ name: "new", in: "query", schema: { type: "string" } });
      after.paths["/things"].get.parameters[0].schema.enum.push("c");
      after.components.schemas.Thing.properties.more = { type: "string" };
      after.paths["/things"].post.requestBody.content["application/json"].schema.properties.name.maxLength =
        20;
    }),
    [],
  );
});

const narrowings: Record<string, (after: Tree) => void> = {
  "a path is gone": (after) => delete after.paths["/alone"],
  "a method is gone": (after) => delete after.paths["/things"].post,
  "a parameter is gone": (after) => after.paths["/things"].get.parameters.pop(),
  "a value is no longer taken": (after) => after.paths["/things"].get.parameters[0].schema.enum.pop(),
  "a parameter became required": (after) => after.paths["/things"].get.parameters[0].required = true,
  "a member of the answer is gone": (after) => delete after.components.schemas.Thing.properties.parts,
  "a member of the answer may be missing": (after) => after.components.schemas.Thing.required = [],
  "a member of the answer may be null": (after) =>
    after.components.schemas.Thing.properties.id.type = ["string", "null"],
  "an item changed its type": (after) =>
    after.components.schemas.Thing.properties.parts.items.type = "string",
  "a body member became required": (after) =>
    after.paths["/things"].post.requestBody.content["application/json"].schema.required.push("size"),
  "a body member takes fewer types": (after) =>
    after.paths["/things"].post.requestBody.content["application/json"].schema.properties.size.type =
      "number",
  "a body member got shorter": (after) =>
    after.paths["/things"].post.requestBody.content["application/json"].schema.properties.name.maxLength = 5,
  "a body is required": (after) => after.paths["/things"].post.requestBody.required = true,
};

for (const [name, change] of Object.entries(narrowings)) {
  Deno.test(`The comparison tells that ${name}`, () => {
    assertEquals(lossesAfter(change).length, 1, lossesAfter(change).join("\n"));
  });
}
