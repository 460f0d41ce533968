import { z } from "@hono/zod-openapi";
import { Plan } from "../plan.ts";
import { UNSUPPORTED } from "./failure.ts";

/** What a model answers: a plan, or why there can be none. */
export const Reply = z.strictObject({ unsupported: z.enum(UNSUPPORTED).nullable(), plan: Plan.nullable() });

type Schema = { [key: string]: unknown };

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

/** Alternatives in one list, whatever they were nested in. */
function alternatives(schema: Schema): Schema[] {
  const inner = schema.anyOf ?? schema.oneOf;
  return Array.isArray(inner) ? inner.filter(isSchema).flatMap(alternatives) : [schema];
}

function strictObject(properties: Schema): Schema {
  // Ids are no business of a model: a person is what the question calls him.
  const kept = Object.entries(properties).filter(([name]) => name !== "contact_id");
  return {
    type: "object",
    properties: Object.fromEntries(
      kept.map(([name, member]) => [name, isSchema(member) ? strict(member) : {}]),
    ),
    required: kept.map(([name]) => name),
    additionalProperties: false,
  };
}

/**
 * A JSON schema in the words that all servers with structured outputs take: `type`, `enum`, `anyOf`, `properties`,
 * `required`, `additionalProperties` and `items`. Bounds, lengths, patterns and formats are left out, since some refuse
 * and others ignore them; the answer is parsed by zod again anyway.
 */
function strict(schema: Schema): Schema {
  const given = alternatives(schema);
  if (given.length > 1) {
    const different = new Map(given.map((one) => [JSON.stringify(strict(one)), strict(one)]));
    return different.size > 1 ? { anyOf: [...different.values()] } : strict(given[0] ?? {});
  }
  const only = given[0] ?? {};
  if (isSchema(only.properties)) return strictObject(only.properties);
  if (isSchema(only.items)) return { type: "array", items: strict(only.items) };
  const { type, const: constant } = only;
  const values = Array.isArray(only.enum) ? only.enum : constant === undefined ? undefined : [constant];
  return { type, ...(values && { enum: values }) };
}

/** The schema of `Reply` for `response_format`, each member required and none other allowed. */
export const REPLY_SCHEMA: Schema = strict(z.toJSONSchema(Reply, { target: "draft-7" }) as Schema);
