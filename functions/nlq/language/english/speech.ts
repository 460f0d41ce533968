import type { Speech } from "../../speech.ts";
import { answer } from "./answer.ts";
import { clarify } from "./clarify.ts";
import { interpretation } from "./interpretation.ts";
import { suggest } from "./suggest.ts";

/** English sentences. Dates are written with the month's name, lengths in h, min and s, times in 24 hours. */
export const ENGLISH_SPEECH: Speech = {
  interpretation,
  answer,
  clarify,
  suggest,
  without_model: "The language model could not be asked; the question was read without it.",
};
