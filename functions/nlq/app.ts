import { createSurface, type SurfaceApp } from "../../shared/http/app.ts";
import { authenticate } from "../../shared/access/auth.ts";
import { CursorCodec } from "../../shared/http/cursor.ts";
import type { Env } from "../../shared/env.ts";
import { chooseEmbedder } from "../../shared/embedding/choose.ts";
import { modelSettings } from "./model/settings.ts";
import { mountQuestionRoutes } from "./routes.ts";

/**
 * The `nlq` surface: questions in plain words.
 *
 * @param options `now` is the clock that "today" goes by.
 */
export function createApp(env: Env, options: { now?: () => Date } = {}): SurfaceApp {
  const app = createSurface("nlq", env);
  app.use(authenticate(env));
  // Protected
  mountQuestionRoutes(app, new CursorCodec(env.cursor_secret), {
    now: options.now ?? (() => new Date()),
    embedder: chooseEmbedder(env),
    model: modelSettings(env),
  });
  return app;
}
