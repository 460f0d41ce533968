import type { Subject, Target } from "./target.ts";

type Aim = (target: Target, subject: Subject) => unknown;

/** What an argument or parameter of this name is filled with, so that it points at the victim. */
const AIMS: Readonly<Record<string, Aim>> = {
  user_id: ({ user_id }) => user_id,
  organization_id: ({ organization_id }) => organization_id,
  contact_id: (_, { contact_id }) => contact_id,
  event_id: (_, { event_id }) => event_id,
  line_id: ({ ids }) => ids.line,
  import_id: ({ ids }) => ids.imports.running,
  query_id: ({ ids }) => ids.query,
  context_id: ({ ids }) => ids.query,
  cursor_id: (_, { event_id }) => event_id,
  number: (_, { number }) => number,
  q: (_, { name }) => name,
  search_text: (_, { name }) => name,
  prefix: (_, { name }) => name,
  tag: (_, { text }) => text.replace("text", "tag"),
  key: ({ idempotency_key }) => idempotency_key,
  answer_key: ({ answer_key }) => answer_key,
  email: ({ email }) => email,
  erasure_id: ({ rows }) => rows["erasure_requests"]?.["id"],
};

/** The value that points an argument of this name and type at the victim; undefined where there is none. */
export function aim(name: string, type: string, target: Target, subject: Subject): unknown {
  const [, table] = /^(\w+)_id$/.exec(name) ?? [];
  const own = AIMS[name] ?? AIMS[name.replace(/^(target|owner|requesting|subject|new)_/, "")];
  if (own !== undefined) return own(target, subject);
  if (table !== undefined && /uuid/.test(type)) {
    // An id of a table: export_id is of data_exports or exports.
    const rows = Object.entries(target.rows).find(([relation]) =>
      new RegExp(`(^|_)${table}(s|es)?$`).test(relation)
    )?.[1];
    if (typeof rows?.["id"] === "string") return rows["id"];
  }
  if (type === "uuid") return target.user_id;
  if (type === "uuid[]") return [target.user_id, subject.contact_id, subject.event_id];
  return undefined;
}
