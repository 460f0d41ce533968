import { parseArgs } from "@std/cli/parse-args";
import { benchImport } from "./import.ts";

const options = parseArgs(Deno.args, { string: ["messages"], default: { messages: "100000" } });
await benchImport(Number(options.messages));
