import { fileURLToPath } from "node:url";
import { registerTapTests } from "../../dev/tap_tests.ts";
import { testDatabase } from "../helpers/database.ts";

registerTapTests({ directory: fileURLToPath(new URL(".", import.meta.url)), open: testDatabase });
