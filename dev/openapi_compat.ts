/** A JSON schema as far as the comparison reads it. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema?: Schema;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> };
  responses?: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

/** An OpenAPI 3.1 document as far as the comparison reads it. */
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** Which side would break: a request must still be taken, an answer must still hold what it promised. */
type Side = "request" | "response";

function typesOf(schema: Schema): Set<string> {
  return new Set(schema.type === undefined ? [] : [schema.type].flat());
}

class Comparison {
  readonly losses: string[] = [];
  readonly #seen = new Set<string>();

  constructor(private readonly before: OpenApi, private readonly after: OpenApi) {}

  #resolve(document: OpenApi, schema: Schema): Schema {
    const name = schema.$ref?.split("/").at(-1);
    return name === undefined ? schema : document.components?.schemas?.[name] ?? {};
  }

  schemas(old_schema: Schema, new_schema: Schema, side: Side, at: string): void {
    const pair = `${side} ${old_schema.$ref} ${new_schema.$ref}`;
    if (old_schema.$ref && this.#seen.has(pair)) return;
    this.#seen.add(pair);
    const before = this.#resolve(this.before, old_schema);
    const after = this.#resolve(this.after, new_schema);
    this.#types(before, after, side, at);
    this.#values(before, after, side, at);
    this.#members(before, after, side, at);
    if (before.items) this.schemas(before.items, after.items ?? {}, side, `${at}[]`);
    if (typeof before.additionalProperties === "object" && typeof after.additionalProperties === "object") {
      this.schemas(before.additionalProperties, after.additionalProperties, side, `${at}.*`);
    }
    const [old_choices, new_choices] = [before.anyOf ?? before.oneOf ?? [], after.anyOf ?? after.oneOf ?? []];
    for (const [index, choice] of old_choices.entries()) {
      const kept = new_choices[index];
      if (kept) this.schemas(choice, kept, side, `${at}|${index}`);
      else if (side === "request") this.losses.push(`${at}: a choice is no longer taken`);
    }
  }

  #types(before: Schema, after: Schema, side: Side, at: string): void {
    const [old_types, new_types] = [typesOf(before), typesOf(after)];
    if (side === "request" && new_types.size > 0) {
      for (const type of old_types) {
        const fits = new_types.has(type) || (type === "integer" && new_types.has("number"));
        if (!fits) this.losses.push(`${at}: ${type} is no longer taken`);
      }
      if (old_types.size === 0 && !before.anyOf && !before.enum) {
        this.losses.push(`${at}: only ${[...new_types]} is taken now`);
      }
    }
    if (side === "response" && old_types.size > 0) {
      for (const type of new_types) {
        const fits = old_types.has(type) || (type === "integer" && old_types.has("number"));
        if (!fits) this.losses.push(`${at}: may now be ${type}`);
      }
      if (new_types.size === 0) this.losses.push(`${at}: is no longer ${[...old_types]}`);
    }
    if (before.format !== after.format && (side === "response" ? before.format : after.format)) {
      this.losses.push(`${at}: format ${before.format} became ${after.format}`);
    }
  }

  #values(before: Schema, after: Schema, side: Side, at: string): void {
    if (side === "response") return;
    if (after.enum) {
      const gone = (before.enum ?? [before.const ?? "anything"]).filter((value) =>
        !after.enum?.includes(value)
      );
      for (const value of gone) this.losses.push(`${at}: ${JSON.stringify(value)} is no longer taken`);
    }
    for (const bound of ["minimum", "minLength", "minItems"] as const) {
      if ((after[bound] ?? -Infinity) > (before[bound] ?? -Infinity)) {
        this.losses.push(`${at}: ${bound} rose`);
      }
    }
    for (const bound of ["maximum", "maxLength", "maxItems"] as const) {
      if ((after[bound] ?? Infinity) < (before[bound] ?? Infinity)) this.losses.push(`${at}: ${bound} fell`);
    }
    if (after.pattern !== undefined && after.pattern !== before.pattern) {
      this.losses.push(`${at}: pattern changed`);
    }
    if (after.additionalProperties === false && before.additionalProperties !== false && before.properties) {
      this.losses.push(`${at}: unknown members are no longer taken`);
    }
  }

  #members(before: Schema, after: Schema, side: Side, at: string): void {
    for (const [name, schema] of Object.entries(before.properties ?? {})) {
      const kept = after.properties?.[name];
      if (kept) this.schemas(schema, kept, side, `${at}.${name}`);
      else this.losses.push(`${at}.${name}: is gone`);
    }
    const [old_required, new_required] = [before.required ?? [], after.required ?? []];
    const missing = side === "request"
      ? new_required.filter((name) => !old_required.includes(name))
      : old_required.filter((name) => !new_required.includes(name) && after.properties?.[name]);
    for (const name of missing) {
      this.losses.push(`${at}.${name}: ${side === "request" ? "is required now" : "may be missing now"}`);
    }
  }

  operation(before: Operation, after: Operation, at: string): void {
    for (const parameter of before.parameters ?? []) {
      const kept = after.parameters?.find((other) =>
        other.name === parameter.name && other.in === parameter.in
      );
      if (!kept) this.losses.push(`${at} ?${parameter.name}: is gone`);
      else this.schemas(parameter.schema ?? {}, kept.schema ?? {}, "request", `${at} ?${parameter.name}`);
    }
    for (const parameter of after.parameters ?? []) {
      const known = before.parameters?.find((other) =>
        other.name === parameter.name && other.in === parameter.in
      );
      if (parameter.required && !known?.required) {
        this.losses.push(`${at} ?${parameter.name}: is required now`);
      }
    }
    if (after.requestBody?.required && !before.requestBody?.required) {
      this.losses.push(`${at}: a body is required now`);
    }
    for (const [type, { schema }] of Object.entries(before.requestBody?.content ?? {})) {
      const kept = after.requestBody?.content[type];
      if (kept) this.schemas(schema ?? {}, kept.schema ?? {}, "request", `${at} body`);
      else this.losses.push(`${at}: a body of ${type} is no longer taken`);
    }
    for (const [status, response] of Object.entries(before.responses ?? {})) {
      const kept = after.responses?.[status];
      if (!kept) this.losses.push(`${at} ${status}: is gone`);
      for (const [type, { schema }] of Object.entries(response.content ?? {})) {
        const kept_content = kept?.content?.[type];
        if (kept_content) {
          this.schemas(schema ?? {}, kept_content.schema ?? {}, "response", `${at} ${status}`);
        } else if (kept) this.losses.push(`${at} ${status}: no longer ${type}`);
      }
    }
  }
}

/**
 * What a client of the older document would lose with the newer one: one line each, empty when the newer only adds.
 * A request that was taken must still be taken; a member that was promised must still be there, of the same type.
 */
export function lostPromises(before: OpenApi, after: OpenApi): string[] {
  const comparison = new Comparison(before, after);
  for (const [path, operations] of Object.entries(before.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const kept = after.paths[path]?.[method];
      const at = `${method.toUpperCase()} ${path}`;
      if (kept) comparison.operation(operation, kept, at);
      else comparison.losses.push(`${at}: is gone`);
    }
  }
  return comparison.losses;
}
