import { createRoute, z } from "@hono/zod-openapi";
import { answer } from "../../shared/http/answer.ts";
import { keySecurity, maxBody, responses, type SurfaceApp, USER_SECURITY } from "../../shared/http/app.ts";
import type { CursorCodec } from "../../shared/http/cursor.ts";
import { type Answering, ask } from "./ask.ts";
import { clearHistory, deleteQuestion, listHistory, recordFeedback } from "./history.ts";
import {
  Answer,
  AnswerMeta,
  Deleted,
  Feedback,
  HistoryEntry,
  HistoryQuery,
  ListMeta,
  NoQuery,
  QueryParams,
  Question,
  Suggestion,
  SuggestionQuery,
} from "./schemas.ts";
import { suggestQuestions } from "./suggest.ts";

const query = createRoute({
  method: "post",
  path: "/query",
  summary: "Ask a question in plain words",
  description: "Answers from one's own log with the events that prove it, or asks back (`clarification`).",
  security: keySecurity("nlq:query"),
  "x-cost": 10,
  middleware: [maxBody(16_000)] as const,
  request: {
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: Question } } },
  },
  responses: responses("The answer, or a question back", Answer, AnswerMeta),
});

const suggestions = createRoute({
  method: "get",
  path: "/suggestions",
  summary: "Questions to ask, while typing",
  security: keySecurity("nlq:query"),
  "x-cost": 2,
  request: { query: SuggestionQuery },
  responses: responses("Questions that have an answer now, best first", z.array(Suggestion)),
});

const history = createRoute({
  method: "get",
  path: "/history",
  summary: "What one asked, newest first",
  security: USER_SECURITY,
  request: { query: HistoryQuery },
  responses: responses("A page of questions", z.array(HistoryEntry), ListMeta),
});

const clear = createRoute({
  method: "delete",
  path: "/history",
  summary: "Forget everything one asked",
  security: USER_SECURITY,
  request: { query: NoQuery },
  responses: responses("How many were forgotten", Deleted),
});

const forget = createRoute({
  method: "delete",
  path: "/queries/{id}",
  summary: "Forget one question",
  security: USER_SECURITY,
  request: { params: QueryParams, query: NoQuery },
  responses: responses("It is forgotten", Deleted),
});

const feedback = createRoute({
  method: "post",
  path: "/queries/{id}/feedback",
  summary: "Say whether a question was read right",
  security: keySecurity("nlq:query"),
  middleware: [maxBody(32_000)] as const,
  request: {
    params: QueryParams,
    query: NoQuery,
    body: { required: true, content: { "application/json": { schema: Feedback } } },
  },
  responses: responses(
    "It is kept, and the cache goes by it",
    z.object({ id: z.uuid(), verdict: z.string() }),
  ),
});

export function mountQuestionRoutes(app: SurfaceApp, codec: CursorCodec, answering: Answering): void {
  app.openapi(query, async (c) => {
    const asked = await ask(c.var.caller, answering, c.req.valid("json"), c.req.raw.signal);
    return answer(c, asked.answer, { meta: { cache: asked.cache } });
  });

  app.openapi(suggestions, async (c) => {
    return answer(c, await suggestQuestions(c.var.caller, c.req.valid("query")));
  });

  app.openapi(history, async (c) => {
    const { entries, page } = await listHistory(c.var.caller, codec, c.req.valid("query"));
    return answer(c, entries, { meta: { page } });
  });

  app.openapi(clear, async (c) => answer(c, { deleted: await clearHistory(c.var.caller) }));

  app.openapi(forget, async (c) => {
    await deleteQuestion(c.var.caller, c.req.valid("param").id);
    return answer(c, { deleted: 1 });
  });

  app.openapi(feedback, async (c) => {
    const { id } = c.req.valid("param");
    const { verdict, plan } = c.req.valid("json");
    await recordFeedback(c.var.caller, id, verdict, plan);
    return answer(c, { id, verdict });
  });
}
