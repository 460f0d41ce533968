const ECHO = `
/** Answers with what it got. */
export function createApp(env) {
  return {
    async fetch(request) {
      const url = new URL(request.url);
      switch (url.pathname) {
        case "/echo/env":
          return Response.json({
            supabase_url: env.supabase_url,
            publishable_keys: env.publishable_keys,
            secret_keys: env.secret_keys,
            kids: env.jwks.keys.map(({ kid }) => kid),
          });
        case "/echo/first-chunk": {
          const reader = request.body.getReader();
          const { value } = await reader.read();
          await reader.cancel();
          return Response.json({ bytes: value.byteLength });
        }
        case "/echo/throw":
          throw new Error("inner secret");
      }
      return Response.json({
        method: request.method,
        path: url.pathname + url.search,
        note: request.headers.get("x-note"),
        forwarded_for: request.headers.get("x-forwarded-for"),
        body: await request.text(),
      });
    },
  };
}
`;

/** Writes a functions directory with one surface, `echo`, and gives its path. */
export async function writeSurface(): Promise<string> {
  const directory = await Deno.makeTempDir({ prefix: "phonelog-functions-" });
  await Deno.mkdir(`${directory}/echo`);
  await Deno.writeTextFile(`${directory}/echo/app.ts`, ECHO);
  return directory;
}

/** Deletes what `writeSurface` wrote. */
export async function removeSurface(directory: string): Promise<void> {
  await Deno.remove(directory, { recursive: true });
}
