import { createAdmin } from "../../shared/access/admin.ts";
import { readEnv } from "../../shared/env.ts";
import type { Stack } from "../../dev/stack.ts";
import { platformVariables } from "../../dev/surfaces.ts";
import type { ApiUser, Reply } from "./api.ts";

/** What the functions of a stack use as the service role. */
export function adminOf(stack: Stack) {
  return createAdmin(readEnv(platformVariables(stack.url, stack.keys)));
}

/** Asks for an export over HTTP and looks at it until it is made. */
export async function exportOf(user: ApiUser): Promise<Reply["body"]> {
  const asked = await user.post("/api/privacy/exports", {});
  if (asked.status !== 202) throw new Error(`Cannot export: ${JSON.stringify(asked.body)}`);
  for (;;) {
    const { body } = await user.get(`/api/privacy/exports/${asked.body.data.id}`);
    if (body.data.state !== "queued" && body.data.state !== "running") return body.data;
  }
}

/** An archive, as its owner gets it. */
export async function downloadOf(user: ApiUser, id: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`${user.stack.url}/api/privacy/exports/${id}/download`, {
    headers: { authorization: `Bearer ${user.token}`, apikey: user.stack.publishable_key },
  });
  if (response.status !== 200) throw new Error(`Cannot download: ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Imports a file part by part; gives the last answer, the first that is no success where there is one. */
export async function importInParts(
  user: ApiUser,
  file: Uint8Array<ArrayBuffer>,
  part_bytes = 1024 * 1024,
): Promise<Reply> {
  const opened = await user.post("/api/imports", { filename: "export.zip", bytes: file.length });
  const path = `/api/imports/${opened.body.data.id}`;
  for (let part = 0; part * part_bytes < file.length; part++) {
    const reply = await user.call("PUT", `${path}/parts/${part}`, {
      body: file.slice(part * part_bytes, (part + 1) * part_bytes),
    });
    if (reply.status !== 200) return reply;
  }
  return await user.post(`${path}/complete`, {});
}
