import { assertEquals } from "@std/assert";
import { createEventWordReader } from "./event_words.ts";

const read = createEventWordReader();

function say(text: string): string {
  const { type, direction, status, is_draft: isDraft } = read(text);
  return isDraft ? "draft" : [type, direction, status].map((part) => part ?? "-").join(" ");
}

Deno.test("combined words in seven languages say type, direction and status", () => {
  const cases: Record<string, string> = {
    "Incoming call": "call inbound -",
    "OUTGOING": "- outbound -",
    "Missed": "- - missed",
    "Missed Call": "call - missed",
    "Outgoing SMS": "sms outbound -",
    "Received": "- inbound received",
    "Dialed": "- outbound -",
    "No answer": "- - missed",
    "Not answered": "- - missed",
    "Answered": "- - answered",
    "Voice mail": "call - voicemail",
    "Rejected": "- - declined",
    "Blocked call": "call - blocked",
    "i": "- inbound -",
    "Out": "- outbound -",
    "Eingehend": "- inbound -",
    "Ausgehender Anruf": "call outbound -",
    "Verpasst": "- - missed",
    "Verpasster Anruf": "call - missed",
    "nicht angenommen": "- - missed",
    "Anruf in Abwesenheit": "call inbound missed",
    "Abgelehnt": "- - declined",
    "Gesendete Nachricht": "sms outbound sent",
    "appel manqué": "call - missed",
    "Appel entrant": "call inbound -",
    "Appel émis": "call outbound -",
    "Reçu": "- inbound received",
    "Messagerie vocale": "call - voicemail",
    "Llamada perdida": "call - missed",
    "Llamada saliente": "call outbound -",
    "Mensaje recibido": "sms inbound received",
    "no contestada": "- - missed",
    "Chiamata in uscita": "call outbound -",
    "Chiamata in entrata": "call inbound -",
    "Persa": "- - missed",
    "Messaggio inviato": "sms outbound sent",
    "Chamada efetuada": "call outbound -",
    "Chamada recebida": "call inbound received",
    "não atendida": "- - missed",
    "Recusada": "- - declined",
    "Gemist": "- - missed",
    "Uitgaand gesprek": "call outbound -",
    "Inkomende oproep": "call inbound -",
    "Ontvangen bericht": "sms inbound received",
    "Draft": "draft",
    "Entwurf": "draft",
  };
  for (const [text, meaning] of Object.entries(cases)) assertEquals(say(text), meaning, text);
});

Deno.test("words of something else say nothing", () => {
  for (const text of ["Data", "Internet", "", "42", "Informatik", "Insurance"]) {
    assertEquals(say(text), "- - -", text);
  }
});
