import { z } from "zod";
import { Dimension, Intent, Metric } from "../../functions/nlq/plan.ts";
import { Direction, EventType, SourceKind, Status } from "../../shared/http/event_query.ts";
import { type DatabaseName, DATABASES } from "./databases.ts";

/** The half that the grammar is written against, and the half that is only ever run. */
export type Half = "dev" | "frozen";

const LocalWall = z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/);

/** Local start and end, half-open, in the zone of the question; null is open. */
const Interval = z.tuple([LocalWall.nullable(), z.union([LocalWall, z.literal("now")]).nullable()]);

const Name = z.string().min(1);

/** What a question means, independent of how a plan says periods. Members left out are those of `EMPTY_PLAN`. */
export const ExpectedAnswer = z.strictObject({
  kind: z.literal("answer"),
  intent: Intent,
  metric: Metric.optional(),
  dimension: Dimension.optional(),
  /** Names as the database has them. */
  contacts: z.array(Name).optional(),
  excluded: z.array(Name).optional(),
  company: Name.optional(),
  tag: Name.optional(),
  number: z.string().regex(/^\+\d+$/).optional(),
  is_known: z.boolean().optional(),
  type: EventType.optional(),
  direction: Direction.optional(),
  statuses: z.array(Status).optional(),
  min_seconds: z.number().int().optional(),
  max_seconds: z.number().int().optional(),
  /** Minutes of the local day, from and to. */
  hours: z.array(z.tuple([z.number().int(), z.number().int()])).optional(),
  weekdays: z.array(z.number().int().min(1).max(7)).optional(),
  text: Name.optional(),
  source: SourceKind.optional(),
  line: Name.optional(),
  interval: Interval.optional(),
  /** What differs on the other side. */
  compare: z.strictObject({
    interval: Interval.optional(),
    contact: Name.optional(),
    type: EventType.optional(),
    direction: Direction.optional(),
    statuses: z.array(Status).optional(),
  }).optional(),
  part: z.strictObject({
    contact: Name.optional(),
    type: EventType.optional(),
    direction: Direction.optional(),
    statuses: z.array(Status).optional(),
    is_known: z.boolean().optional(),
  }).optional(),
  sort: z.enum(["newest", "oldest", "longest", "shortest", "most", "least"]).optional(),
  limit: z.number().int().optional(),
  horizon_days: z.number().int().optional(),
});

/** The question must be asked back, or be said to be out of reach. */
export const ExpectedClarification = z.strictObject({
  kind: z.literal("clarify"),
  reason: z.enum(["ambiguous", "incomplete", "unknown_word", "unknown_contact", "out_of_scope"]),
  /** What has to be offered. */
  choices: z.array(Name).optional(),
});

/** One question of the exam. `turns` are asked before it, in the same conversation. */
export const Question = z.strictObject({
  id: z.string().regex(/^[\w.~-]+$/),
  /** The same plan in other words, on the same database at the same moment. */
  family: z.string(),
  database: z.enum(Object.keys(DATABASES) as [DatabaseName, ...DatabaseName[]]),
  now: z.iso.datetime(),
  time_zone: z.string(),
  turns: z.array(z.string()).min(1).max(3).optional(),
  question: z.string().min(1),
  expect: z.discriminatedUnion("kind", [ExpectedAnswer, ExpectedClarification]),
});

/** Two questions that differ in one slot of what they mean. */
export const Pair = z.strictObject({ a: z.string(), b: z.string(), slot: z.string() });

export type ExpectedAnswer = z.infer<typeof ExpectedAnswer>;
export type ExpectedClarification = z.infer<typeof ExpectedClarification>;
export type Question = z.infer<typeof Question>;
export type Pair = z.infer<typeof Pair>;

const ROOT = new URL("./corpus/", import.meta.url);

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(new URL(path, ROOT)));
}

/**
 * The questions of a half, in the order of files and lines.
 *
 * @throws z.ZodError for an entry that is not well-formed.
 */
export async function readQuestions(half: Half): Promise<Question[]> {
  const names = (await Array.fromAsync(Deno.readDir(new URL(half, ROOT)))).map(({ name }) => name).sort();
  const files = await Promise.all(names.map((name) => readJson(`${half}/${name}`)));
  return files.flatMap((file) => z.array(Question).parse(file));
}

/** The minimal pairs of a half. */
export async function readPairs(half: Half): Promise<Pair[]> {
  return z.array(Pair).parse(await readJson(`pairs/${half}.json`));
}
