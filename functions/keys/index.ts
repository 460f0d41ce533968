import { readEnv } from "../../shared/env.ts";
import { createApp } from "./app.ts";

Deno.serve(createApp(readEnv(Deno.env.toObject())).fetch);
