import type { Phrase } from "../language.ts";

/** How people are spoken of, and how they stand to each other. */
export const PEOPLE: readonly Phrase[] = [
  { means: { is: "me", as: "subject" }, say: "i; we" },
  { means: { is: "me", as: "object" }, say: "me; us; myself" },
  {
    means: { is: "who", many: false },
    say:
      "the? person; the contact; the? person|contact who|that; person; what number|contact|person; the number that; the somebody|someone; who is|has been; who is|were|are my|the; which of my contacts|friends; which one of my contacts; who; whom; which person|contact|number|caller; what person|contact|number; who else",
  },
  { means: { is: "who", many: false, theirs: true }, say: "whose" },
  {
    means: { is: "who", many: false, theirs: true, calls: true },
    say: "caller; the caller; the caller who|that",
  },
  {
    means: { is: "who", many: true },
    say:
      "everyone|everybody; everyone|everybody who|that; those who; which people|contacts|numbers|callers|friends|individuals|folks; what people|contacts|numbers|individuals|folks; who all",
  },
  { means: { is: "someone" }, say: "anyone; anybody; someone; somebody" },
  {
    means: { is: "people" },
    say: `
    people; contacts; persons; friends; numbers; individuals; folks; pals; buddies; separate|individual people|contacts|numbers|persons; different people|contacts|numbers|callers;
    distinct|unique people|contacts|numbers; contact list; people i know
  `,
  },
  {
    means: { is: "people", callers: true },
    say: "callers; caller; different|distinct|unique|separate callers; many|number of callers",
  },
  {
    means: { is: "known", is_known: false },
    say: `
    unknown|unsaved|unfamiliar|unrecognised|unrecognized number|numbers|caller|callers|people|contacts;
    strangers; a stranger; people|numbers not in my contacts; numbers|people i do not know; unknown;
    private|withheld|hidden number|numbers|caller|callers; withheld; without a? name; not in my contacts;
    someone i do not know
  `,
  },
  {
    means: { is: "known", is_known: true },
    say: `
    known|saved number|numbers|caller|callers|people|contacts; people i know; people in my contacts;
    in my contacts
  `,
  },
  { means: { is: "ours" }, say: "our" },
  { means: { is: "anaphor", of: "contact" }, say: "him; her; he; she; this|that person|contact|caller" },
  {
    means: { is: "anaphor", of: "events" },
    say: `
    them; those; these; they; of|from those|these|them; those|these|the same ones?|calls|texts|messages;
    the ones; ones
  `,
  },
  { means: { is: "toward", toward: "to" }, say: "to" },
  {
    means: { is: "toward", toward: "from" },
    say: "off; off of; from; came|come|coming from; that came|come from; who came from; from",
  },
  { means: { is: "toward", toward: "by" }, say: "by" },
  {
    means: { is: "toward", toward: "with" },
    say:
      "with; exchanged with; exchange with; back and forth with; between me and; between us and; between myself and; involving",
  },
  { means: { is: "possessive" }, say: "'s" },
  { means: { is: "together" }, say: "and me; and myself; and i; and us; and we; me and; myself and" },
  { means: { is: "toward", toward: "between" }, say: "between" },
  {
    means: { is: "foreign", why: "write" },
    say: `
    my? phone bill|plan|contract|battery|case|tariff; the phone bill; my bill; delete; remove; erase; drop; update; insert; edit; rename; merge; add; create; block; unblock;
    call him|her|them for me; schedule; remind; remind me; book; order; forward; email; export; import;
    share with; post; reply; change the; set
  `,
  },
  {
    means: { is: "foreign", why: "others" },
    say: `
    whose phone log|log|history|phone; whose log|call log|history|phone|data; my colleague|colleagues|teammate|teammates|boss; other|another user|users;
    everyone|everybody|anyone|anybody|people|somebody|someone 's; 's phone log; 's log; 's call log; 's history;
    's phone; 's data; everyone|everybody in the team; the team; my team; team; colleagues; somebody else's; other people's;
    their calls
  `,
  },
  {
    means: { is: "each_other" },
    say:
      "each|one other|another; with each|one other|another; to each|one other|another; among themselves; themselves",
  },
];
