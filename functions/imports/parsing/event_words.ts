import { foldWords } from "./fold_words.ts";
import type { EventDirection, EventStatus, EventType } from "./record.ts";

/** What words such as "Outgoing SMS", "Verpasst" or "appel manqué" say; null where they say nothing of it. */
export interface WordMeaning {
  type: EventType | null;
  direction: EventDirection | null;
  status: EventStatus | null;
  is_draft: boolean;
}

type Rule<Value> = [value: Value, words: RegExp];

/** Whole folded words, "\w*" for their endings, in English, German, French, Spanish, Italian, Portuguese, Dutch. */
function anyOf(words: string): RegExp {
  return new RegExp(String.raw`(?:^| )(?:${words.trim().split(/\s+/).join("|")})(?= |$)`);
}

const TYPES: Rule<EventType>[] = [
  ["call", anyOf(String.raw`voice\w* messagerie mailbox sprach\w*`)],
  [
    "sms",
    anyOf(
      String.raw`sms\w* mms\w* text\w* message\w* nachricht\w* mensaje\w* messaggi\w* mensage\w* bericht\w*
    kurznachricht\w* imessage rcs `,
    ),
  ],
  [
    "call",
    anyOf(String.raw`call\w* phone\w* anruf\w* telefon\w* gesprach\w* appel\w* llamada\w* chiamat\w*
    chamada\w* ligac\w* oproep\w* gesprek\w* voix voz voce spraak\w*`),
  ],
];

const DIRECTIONS: Rule<EventDirection>[] = [
  [
    "outbound",
    anyOf(String.raw`out outbound outgoing outcoming sent dialed dialled placed made mo
    ausgehend\w* ausgang\w* ausgegangen\w* abgehend\w* gesendet\w* gewahlt\w* getatigt\w* aus sortant\w* emis\w*
    envoye\w* effectue\w* passe\w* saliente\w* hech\w* enviad\w* realizad\w* efectuad\w* salida uscit\w* uscent\w* inviat\w*
    effettuat\w* efetuad\w* saida\w* feita uitgaand\w* verzonden uit gebeld\w*`),
  ],
  ["outbound", /^o$/],
  ["inbound", /^i$/],
  [
    "inbound",
    anyOf(String.raw`in inbound incoming received mt eingehend\w* eingang\w* eingegangen\w*
    empfangen\w* ankommend\w* erhalten\w* ein entrant\w* recue?s? recibid\w* entrata entrada ricevut\w* arriv\w*
    recebid\w* inkomend\w* ontvangen binnenkomend\w*`),
  ],
];

const STATUSES: Rule<EventStatus>[] = [
  [
    "missed",
    anyOf(String.raw`missed unanswered noanswer verpasst\w* entgangen\w* unbeantwortet\w* manque\w* perdid\w*
    pers[aoei] gemist\w* absence abwesenheit cancel\w* busy abgebrochen besetzt`),
  ],
  ["missed", /^(?:no|nein|non|nao|nee)$/],
  [
    "missed",
    new RegExp(
      String.raw`(?:^| )(?:not?|non|nao|nicht|kein\w*|niet|pas|sin|geen|sem|sans) (?:\w+ )?` +
        String
          .raw`(?:answer\w*|angenommen|beantwortet|antwort|repon\w*|decroche\w*|contestad\w*|respond\w*|respuesta|` +
        String.raw`atendid\w*|respost\w*|rispost\w*|beantwoord|opgenomen|antwoord)`,
    ),
  ],
  [
    "declined",
    anyOf(String.raw`declined reject\w* refus\w* abgelehnt\w* abgewiesen\w* rejete\w* rechazad\w*
    rifiutat\w* rejeitad\w* recusad\w* geweigerd\w* afgewezen`),
  ],
  [
    "voicemail",
    anyOf(String.raw`voicemail\w* mailbox\w* anrufbeantworter sprachbox\w* repondeur messagerie buzon
    segreteria correio voice(?=.mail)`),
  ],
  ["blocked", anyOf(String.raw`block\w* gesperrt\w* bloque\w* bloccat\w* geblokkeerd\w*`)],
  [
    "failed",
    anyOf(String.raw`fail\w* error undelivered fehlgeschlagen\w* echec echoue\w* fallid\w* fallit\w* falh\w*
    mislukt\w* fehler`),
  ],
  [
    "answered",
    anyOf(String.raw`answered connected completed accepted yes angenommen\w* beantwortet\w* ja decroche\w*
    repondu\w* oui contestad\w* atendid\w* respondid\w* rispost\w* accettat\w* beantwoord opgenomen`),
  ],
  [
    "sent",
    anyOf(String.raw`sent delivered gesendet\w* zugestellt\w* envoye\w* distribue\w* enviad\w* entregad\w*
    inviat\w* consegnat\w* entregue verzonden afgeleverd`),
  ],
  ["received", anyOf(String.raw`received empfangen\w* recue?s? recibid\w* ricevut\w* recebid\w* ontvangen`)],
];

const DRAFTS = anyOf(
  String.raw`draft\w* entwurf entwurfe brouillon\w* borrador\w* bozz[ae] rascunho\w* concept`,
);

/** Reads the words of a type, direction or status cell. */
export type EventWordReader = (text: string) => WordMeaning;

/** A column mapped by mistake may hold as many different texts as the file has rows. */
const MAX_KNOWN = 500;

/** A few words say it; a whole message in the column by mistake need not be searched. */
const MAX_LENGTH = 100;

/** A reader that works out each word once: a file has a few such words in millions of rows. */
export function createEventWordReader(): EventWordReader {
  const known = new Map<string, WordMeaning>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const meaning = readEventWords(text);
    if (known.size < MAX_KNOWN) known.set(text, meaning);
    return meaning;
  };
}

function readEventWords(text: string): WordMeaning {
  const folded = foldWords(text.slice(0, MAX_LENGTH));
  return {
    type: find(TYPES, folded),
    direction: find(DIRECTIONS, folded),
    status: find(STATUSES, folded),
    is_draft: DRAFTS.test(folded),
  };
}

function find<Value>(rules: Rule<Value>[], folded: string): Value | null {
  return rules.find(([, words]) => words.test(folded))?.[0] ?? null;
}
