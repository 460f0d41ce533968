import type { Clarification, Doubt } from "../../speech.ts";
import { capital } from "./wording.ts";

const CHOICES = 6;

/** The question with other words in the place of some. */
function rephrase(question: string, said: string, name: string): string {
  const at = question.toLowerCase().indexOf(said.toLowerCase());
  return at < 0 ? `${question} (${name})` : question.slice(0, at) + name + question.slice(at + said.length);
}

/** What is asked back, by the kind of doubt. */
export function clarify(question: string, { reason, said, choices }: Doubt): Clarification {
  switch (reason) {
    case "several_people": {
      const names = choices.map(({ name }) => name);
      return {
        question: `Which ${said} do you mean?`,
        choices: choices.slice(0, CHOICES).map(({ name, number }) => {
          const is_unique = names.filter((other) => other === name).length === 1;
          const exact = is_unique || number === null ? name : number;
          return {
            label: is_unique || number === null ? name : `${name} (${number})`,
            question: rephrase(question, said, exact),
          };
        }),
      };
    }
    case "unknown_words":
      return {
        question: `What do you mean by "${said}"? It is no word I know and nobody in your contacts.`,
        choices: [],
      };
    case "which_unit":
      return {
        question: "By hour of the day, day of the week, or month?",
        choices: [
          ["Hour of the day", "which hour of the day"],
          ["Day of the week", "which day of the week"],
          ["Month", "which month"],
        ].map(([label = "", words = ""]) => ({
          label,
          question: /\bwhen\b/i.test(question)
            ? question.replace(/\bwhen\b/i, capital(words))
            : `${capital(words)}: ${question}`,
        })),
      };
    case "several_times":
      return { question: "Which of the times do you mean?", choices: [] };
    case "contradiction":
      return {
        question: "Parts of the question exclude each other. Could you put it another way?",
        choices: [],
      };
    case "needs_person":
      return { question: "About whom?", choices: [] };
    case "no_context":
      return { question: "What does that refer to? Please ask the whole question.", choices: [] };
    case "not_here":
      return {
        question:
          "I only answer questions about your own calls and messages, and change nothing. What would you like to know about them?",
        choices: [],
      };
    case "impossible_time":
      return { question: "That time does not exist or has not begun. Which one do you mean?", choices: [] };
    case "unsupported":
      return {
        question:
          "I cannot answer that from a call log. What would you like to know about your calls or messages?",
        choices: [],
      };
    case "nothing_asked":
      return { question: "What would you like to know about your calls or messages?", choices: [] };
  }
}
