import { homeScripts } from "./scripts_home.ts";
import { workScripts } from "./scripts_work.ts";

/** The conversations that people have, by topic. */
export const scripts = { ...homeScripts, ...workScripts };

/** What a conversation can be about. */
export type Topic = keyof typeof scripts;

/**
 * The course of a conversation: what is said in turn, by the one who begins first. A line that starts with `+` is said
 * by the same person as the line before.
 */
export type Script = readonly string[];
