import { aim } from "./aim.ts";
import type { Attack } from "./campaign.ts";
import type { AttackRequest } from "./request.ts";
import type { Subject, Target } from "./target.ts";

/** A JSON schema of the document, as far as it is read here. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  minimum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema?: Schema;
}

/** A method of a path. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | "file" | undefined;
  readonly is_public: boolean;
  /** Takes the project's secret key only. */
  readonly by_secret_key: boolean;
  /** Of API keys; none where only persons may. */
  readonly scopes: readonly string[];
}

interface Document {
  paths: Record<
    string,
    Record<string, {
      parameters?: Parameter[];
      requestBody?: { content: Record<string, { schema?: Schema }> };
      security?: Record<string, string[]>[];
    }>
  >;
  components: { schemas: Record<string, Schema> };
}

/** Every operation of an OpenAPI document. */
export function operationsOf(text: string): { operations: Operation[]; document: Document } {
  const document: Document = JSON.parse(text);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([method]) => /^(get|post|put|patch|delete)$/.test(method)).map(
      ([method, { parameters = [], requestBody, security }]): Operation => {
        const json = requestBody?.content["application/json"]?.schema;
        return {
          method: method.toUpperCase(),
          path,
          parameters,
          body: json ?? (requestBody === undefined ? undefined : "file"),
          is_public: security === undefined,
          by_secret_key: security?.some((way) => "secret_key" in way) ?? false,
          scopes: (security ?? []).flatMap(({ key = [] }) => key),
        };
      },
    )
  );
  return { operations, document };
}

/** A value of this schema that points at the victim wherever it can. */
function sample(
  schema: Schema,
  name: string,
  document: Document,
  target: Target,
  subject: Subject,
  depth = 0,
): unknown {
  if (schema.$ref !== undefined) {
    const referred = document.components.schemas[schema.$ref.split("/").at(-1) ?? ""];
    return referred && sample(referred, name, document, target, subject, depth + 1);
  }
  if (schema.allOf !== undefined) {
    return Object.assign(
      {},
      ...schema.allOf.map((part) => sample(part, name, document, target, subject, depth + 1)),
    );
  }
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first !== undefined) return sample(first, name, document, target, subject, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case "object":
      if (depth > 8) return {};
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) || aim(key, "", target, subject) !== undefined)
          .map(([key, value]) => [key, sample(value, key, document, target, subject, depth + 1)]),
      );
    case "array":
      return schema.items === undefined
        ? []
        : [sample(schema.items, name.replace(/s$/, ""), document, target, subject, depth + 1)];
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    default: {
      const aimed = aim(name, schema.format === "uuid" ? "uuid" : "text", target, subject);
      if (aimed !== undefined) return aimed;
      if (schema.format === "uuid") return target.user_id;
      if (schema.format === "date-time") return YESTERDAY;
      if (schema.format === "email") return target.email;
      return "attack";
    }
  }
}

const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString();
const CSV = "Date,Phone,Type,Duration\n2026-01-05 10:00,+447700930001,Incoming,33\n";
/** Bodies that the schema alone does not tell. What they write says nothing of the victim in words. */
const BODIES: Readonly<Record<string, (target: Target, subject: Subject) => Partial<AttackRequest>[]>> = {
  "POST /events": () => [{
    json: {
      events: [{
        ts: YESTERDAY,
        number: "+447700930001",
        type: "call",
        direction: "inbound",
        contact_name: "Intruder",
      }],
    },
  }],
  "PATCH /contacts/{id}": () => [{ json: { notes: "attacked" } }],
  "POST /imports": () => [
    { json: { filename: "attack.csv", kind: "csv" } },
    { body: CSV, headers: { "content-type": "text/csv" } },
  ],
  "PATCH /imports/{id}": () => [{ json: { mapping: { ts: "A", number: "B", direction: "C" } } }],
  "PUT /imports/{id}/parts/{n}": () => [{ body: CSV, headers: { "content-type": "text/csv" } }],
  "POST /nlq/query": ({ ids }, { name }) => [
    { json: { question: `Show my last messages from ${name}` }, phase: "last" },
    { json: { question: "And last month?", context_id: ids.query }, phase: "last" },
  ],
  "POST /nlq/queries/{id}/feedback": () => [{ json: { verdict: "right" } }],
  "POST /admin/members": ({ organization_id }) =>
    ["viewer", "admin"].map((role) => ({ json: { email: "intruder@example.test", role, organization_id } })),
  "PATCH /admin/members/{id}": () => ["member", "viewer", "owner"].map((role) => ({ json: { role } })),
  "POST /privacy/erasure": (_, { contact_id, number }) =>
    [{ scope: "account" }, { scope: "contact", contact_id }, { scope: "number", number }]
      .map((json) => ({ json: { ...json, confirmation: "0".repeat(64) } })),
  "PUT /privacy/retention": ({ user_id }) => [
    { json: { policies: [{ type: "call", keep_days: 7 }] } },
    { json: { policies: [{ type: "call", user_id, keep_days: 7 }] } },
  ],
  "POST /admin/webhooks": ({ organization_id }) => [
    { json: { url: "https://example.com/attack", types: ["alert.raised"] } },
    { json: { url: "https://example.com/attack", types: ["alert.raised"], organization_id } },
  ],
  "PATCH /admin/webhooks/{id}": () => [{ json: { description: "attacked", rotate_secret: true } }],
  "POST /sync/reports": () => [{ json: { source: "device", name: "intruder" } }],
};

/** Links that are not quite the one to her archive. */
function forgedLinks({ download_token, rows }: Target): string[] {
  const [payload = "", signature = ""] = download_token.split(".");
  const id = String(rows["data_exports"]?.["id"]);
  const other = (text: string) => text.replace(/^./, (first) => first === "W" ? "X" : "W");
  const later = btoa(JSON.stringify([0, id, String(Date.now() + 9e9)])).replaceAll("=", "");
  return [id, payload, `${payload}.`, `${payload}.${other(signature)}`, `${later}.${signature}`];
}

/** What stands for a path's parts in braces, each way that the victim's data can fill it. */
function paths({ path }: Operation, target: Target, subject: Subject): string[] {
  const [, segment = ""] = /\/([a-z_]+)\/\{/.exec(path) ?? [];
  if (segment === "downloads") return forgedLinks(target).map((token) => path.replace("{token}", token));
  if (segment === "jobs") return [path.replace("{name}", "expire_rate_limits")];
  if (segment === "imports") {
    return Object.values(target.ids.imports).map((id) => path.replace("{id}", id).replace("{n}", "0"));
  }
  return [path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const argument = name === "id" ? `${segment.replace(/ies$/, "y").replace(/s$/, "")}_id` : name;
    return encodeURIComponent(String(aim(argument, "uuid", target, subject)));
  })];
}

function queries(
  { path, parameters }: Operation,
  document: Document,
  target: Target,
  subject: Subject,
  is_thorough: boolean,
): string[] {
  const aimOf = (name: string) =>
    aim(name === "id" ? `${path.split("/").at(-1)}_id` : name, "", target, subject);
  const value = ({ name, schema = {} }: Parameter) =>
    aimOf(name) ?? sample(schema, name, document, target, subject);
  const entry = (parameter: Parameter) => `${parameter.name}=${encodeURIComponent(String(value(parameter)))}`;
  const of_query = parameters.filter((parameter) => parameter.in === "query");
  const required = of_query.filter((parameter) => parameter.required).map(entry);
  const optional = of_query.filter((parameter) => !parameter.required && aimOf(parameter.name) !== undefined)
    .map(entry);
  const alone = is_thorough ? optional.map((one) => [one]) : [];
  return [[], ...alone, ...(optional.length > alone.length || optional.length > 1 ? [optional] : [])]
    .map((more) => [...required, ...more].join("&"));
}

function bodies(
  operation: Operation,
  document: Document,
  target: Target,
  subject: Subject,
): Partial<AttackRequest>[] {
  const { method, path, body } = operation;
  const known = BODIES[`${method} ${path}`];
  if (known !== undefined) return known(target, subject);
  if (body === undefined) return [{}];
  if (body === "file") return [{ body: CSV, headers: { "content-type": "text/csv" } }];
  return [{ json: sample(body, "", document, target, subject) }];
}

/** Every request of a route: its path, its parameters and its body name the victim. */
export function requestsOf(
  operation: Operation,
  document: Document,
  target: Target,
  is_thorough = true,
): AttackRequest[] {
  const requests = target.subjects.slice(0, 3).flatMap((subject) =>
    paths(operation, target, subject).flatMap((path) =>
      queries(operation, document, target, subject, is_thorough).flatMap((query) =>
        bodies(operation, document, target, subject).map((more): AttackRequest => ({
          method: operation.method,
          path: `/api${path}${query && `?${query}`}`,
          ...operation.by_secret_key && { by_secret_key: true },
          ...operation.is_public && { is_public: true, refused: true },
          ...more,
        }))
      )
    )
  );
  return [...new Map(requests.map((request) => [JSON.stringify(request), request])).values()];
}

/** Names nobody and takes a second of work on the caller's own data: thorough ones ask for it, and who may not at all. */
const MAKES_AN_ARCHIVE = /^POST \/privacy\/exports$/;

/** Every request of a route, as an attack. */
export function routeAttack(operation: Operation, document: Document): Attack {
  return {
    name: `route ${operation.method} ${operation.path}`,
    sort: [
      operation.path.split("/")[1],
      operation.by_secret_key ? "by secret key" : operation.is_public ? "public" : operation.method,
    ].join(" "),
    requests: (target, { id, is_thorough = false }) =>
      id !== null && !is_thorough && MAKES_AN_ARCHIVE.test(`${operation.method} ${operation.path}`)
        ? []
        : requestsOf(operation, document, target, is_thorough),
  };
}
