import type { Phrase } from "../language.ts";

/** What calls and messages are called, which way they went and how they ended. */
export const EVENTS: readonly Phrase[] = [
  {
    means: { is: "direction", direction: "outbound" },
    say: "from me; by me; outgoing; outbound; went|go|goes|going|gone out; i put through; sent off",
  },
  {
    means: { is: "direction", direction: "outbound", of_them: "themselves" },
    say: "made; make; makes; making; placed; place",
  },
  {
    means: { is: "direction", direction: "outbound", of_them: "me" },
    say: "sent; send; sends; sending; sent|send|sends|sending out",
  },
  {
    means: { is: "direction", direction: "inbound" },
    say: `
    to me; incoming; inbound; ingoing; came in; coming in; come in; came|come|comes|coming through; came|come|comes my way; got|get in touch with me
  `,
  },
  {
    means: { is: "direction", direction: "inbound", of_them: "themselves" },
    say: `
    received; receive; receives; receiving; get; gets; got; getting; gotten
  `,
  },
  {
    means: { is: "type", type: "call", form: "noun", mutual: false },
    say: `
    calls; new calls; phone calls; voice calls; telephone calls; phonecalls; calling; calls|call|calling|phone volume|activity|figures|totals|counts|stats|statistics;
    call numbers
  `,
  },
  {
    means: { is: "type", type: "call", form: "either", mutual: false, one: true },
    say: "bell; buzz; call; phone call; voice call; phonecall; telephone call",
  },
  {
    means: { is: "type", type: "call", form: "verb", mutual: false },
    say: `
    give|gave|given|giving|gives me a? ring|call|bell|buzz|tinkle; ring; dial; phone; telephone; phoning; ringing; rings; phones; dialling; dialing; give a ring|call;
    gave a ring|call; been calling; reached out by phone to; call|calling|phone|phoning|ring|ringing up
  `,
  },
  {
    means: { is: "type", type: "call", form: "verb", mutual: false, done: true },
    say: "called; phoned; rang; rung; dialled; dialed; telephoned; called up; rung up; rang up; phoned up",
  },
  {
    means: { is: "type", type: "call", form: "either", mutual: true },
    say: `
    talk; talked; talking; talks; speak; spoke; spoken; speaking; speaks; chat; chatted; chatting;
    on the phone; on a call; on calls; on the blower; conversation; conversations; phone conversation|conversations
  `,
  },
  {
    means: { is: "type", type: "sms", form: "either", mutual: false },
    say: `
    texts; text messages; messages; new texts|messages; msgs; sms texts; sms; smses; sms messages; txts; text msgs; sms msgs;
    texts|text|texting|message|messaging volume|activity|figures|totals|counts|stats|statistics; text|message numbers
  `,
  },
  {
    means: { is: "type", type: "sms", form: "either", mutual: false, one: true },
    say: "text; text message; message; txt; an sms; msg",
  },
  {
    means: { is: "type", type: "sms", form: "verb", mutual: false },
    say: `
    texting; messaging; write; wrote; writing; writes; been texting; send a text|message to; message to
  `,
  },
  {
    means: { is: "type", type: "sms", form: "verb", mutual: false, done: true },
    say: "texted; messaged; written; written to",
  },
  {
    means: { is: "type", type: null, form: "verb", mutual: false },
    say:
      "give; gave; giving; contact; contacting; reach; reached out; reach out; reach out to; reached out to",
  },
  { means: { is: "type", type: null, form: "verb", mutual: false, done: true }, say: "contacted; reached" },
  {
    means: { is: "type", type: null, form: "verb", mutual: true },
    say: `
    catch|catching|caught up; in touch; get|got|been|be in touch; in contact; been|be in contact; communicate; communicated;
    communicating; hear; heard; hearing
  `,
  },
  {
    means: { is: "type", type: null, form: "either", mutual: false },
    say: `
    everything; anything; things; all contact; interact; interacted; interaction; interactions; events; event; activity; communications;
    communication; entries; phone activity; phone use|usage; traffic
  `,
  },
  {
    means: { is: "status", statuses: ["missed"], type: "call" },
    say:
      "get|got|gets|getting missed; missed; miss; missing calls; missed out on; i missed; that i missed; did i miss; have i missed; went unheard",
  },
  {
    means: { is: "status", statuses: ["declined"], type: "call" },
    say: `
    get|got|gets|getting declined|rejected; declined; rejected; decline; reject; turned down; hung up on; i declined; i rejected;
    did i decline|reject; that i declined|rejected
  `,
  },
  {
    means: { is: "status", statuses: ["voicemail"], type: "call" },
    say: `
    gone|goes|going|go to voicemail; have|has gone to voicemail; ended up in voicemail; that ended up in voicemail; ended up on voicemail; landed in voicemail; reached voicemail; got my voicemail; in voicemail; went to my voicemail; to my voicemail; on my voicemail; on voicemail; voicemail; voicemails; voice mail; voice mails; went to voicemail; left a voicemail; go to voicemail;
    sent to voicemail; to voicemail; voicemail calls; ended in voicemail
  `,
  },
  {
    means: { is: "status", statuses: ["blocked"], type: "call" },
    say: "blocked; were blocked; was blocked; get|got|gets|getting blocked; that were blocked",
  },
  {
    means: { is: "status", statuses: ["failed"] },
    say: `
    failed; fail; undelivered; not delivered; could not be delivered; were not delivered; failed to send;
    failed to deliver
  `,
  },
  {
    means: { is: "status", statuses: ["answered"], type: "call" },
    say: `
    answered; answer; picked up; pick up; i answered; did i answer; that i answered; connected;
    that were answered; i picked up; get|got|gets|getting answered; were answered; taken; got through
  `,
  },
  {
    means: { is: "status", statuses: ["missed", "declined", "voicemail", "blocked"], type: "call" },
    say: `
    go|goes|going|gone unanswered; unanswered; not answered; not answer; not pick up; not picked up; did not answer; did not pick up;
    i did not answer|pick; were not answered; was not answered; i did not pick up; that i did not answer;
    did i not answer; went unanswered; no answer; nobody|noone answered; not get answered;
    not getting answered; without an? answer
  `,
  },
  {
    means: { is: "source", source: "carrier" },
    say:
      "from|with|via source carrier; from|with|of|having the source carrier; from|with a source of carrier; whose source is|was the? carrier; with the? carrier as source; with the? carrier as the|their source; have|has|had the? carrier as source; have|has|had the? carrier as the|their source; that have|has the? carrier as their|the source; where the source is the? carrier; the source is the? carrier; stem|stems|stemmed from the? carrier; came|come|imported from the|my? carrier; did the|my carrier report; the|my carrier reported; recorded|reported|delivered|captured|logged|provided|supplied|sent by the|my carrier; according to the|my carrier; with source carrier; source carrier; via the|my carrier; by the|my carrier; in the|my carrier data|log|records; from the|my carrier; carrier; carrier records|data; reported by the|my carrier; from my operator",
  },
  {
    means: { is: "source", source: "device" },
    say:
      "from|with|via source device|phone; from|with|of|having the source device|phone; from|with a source of device|phone; whose source is|was the? device|phone; with the? device|phone as source; with the? device|phone as the|their source; have|has|had the? device|phone as source; have|has|had the? device|phone as the|their source; that have|has the? device|phone as their|the source; where the source is the? device|phone; the source is the? device|phone; stem|stems|stemmed from the? device|phone; came|come|imported from the|my? device|phone; did the|my device|phone report; the|my device reported; recorded|reported|delivered|captured|logged|provided|supplied by the|my device|phone|handset; according to the|my device|phone; with source device; source device; via the|my device; by the|my device; on|from this device; from the|my device|phone; device; reported by my phone|device",
  },
  {
    means: { is: "source", source: "backup" },
    say:
      "from|with|via source backup|backups; from|with|of|having the source backup|backups; from|with a source of backup|backups; whose source is|was the? backup|backups; with the? backup|backups as source; with the? backup|backups as the|their source; have|has|had the? backup|backups as source; have|has|had the? backup|backups as the|their source; that have|has the? backup|backups as their|the source; where the source is the? backup|backups; the source is the? backup|backups; stem|stems|stemmed from the? backup|backups; came|come from the? backup|backups; imported from the|my|a backup|backups; from the|my|a backup file|files; in the|my|a backup; recorded|reported|provided by the|my|a backup; with source backup; source backup; via the|my|a backup; by backup; out of the|my|a backup; according to the|my|a backup; from the|my|a backup|backups; backup; backups; from backups",
  },
  {
    means: { is: "source", source: "manual" },
    say:
      "from|with|via source manual; from|with|of|having the source manual; from|with a source of manual; whose source is|was the? manual; with the? manual as source; with the? manual as the|their source; have|has|had the? manual as source; have|has|had the? manual as the|their source; that have|has the? manual as their|the source; where the source is the? manual; the source is the? manual; stem|stems|stemmed from the? manual; came|come from the? manual; added|typed in by hand; with source manual; source manual; i entered myself; entered by me; manual entries; added manually; entered by hand; manual; manually added|typed; manually entered; entered manually; added by hand",
  },
  {
    means: { is: "source", source: "api" },
    say:
      "from|with|via source api; from|with|of|having the source api; from|with a source of api; whose source is|was the? api; with the? api as source; with the? api as the|their source; have|has|had the? api as source; have|has|had the? api as the|their source; that have|has the? api as their|the source; where the source is the? api; the source is the? api; stem|stems|stemmed from the? api; came|come|imported from the? api; with source api; source api; by the? api; over the api; came through the api; through the api; from the api; via the api; via api",
  },
  {
    means: { is: "introduces", slot: "text" },
    say: `
    have|has|had the? word|words|phrase; where the? word|words; with the? word|words|phrase; talk|talks|talking|talked about; speak|speaks about; that talk|talks about; containing the? word|words|phrase; which contain|contains; in which i|they said; that refer to; referring to; about; contained; that contained; containing; contain; contains; mentioning; mention; mentions; mentioned; that say; saying;
    that mention|mentions|mentioned; that contain|contains; with the? word|words|text|phrase;
    including the? word|words|phrase; with the word; regarding; that include; which say; which mention;
    reading; say; says; said; say|says|said about|anything about|something about; the? word|phrase|text; that said
  `,
  },
  {
    means: { is: "introduces", slot: "company" },
    say: `
    people at|from; someone at|from; anyone at|from; anybody at|from; contacts at|from; the company;
    company; the people at; everyone at|from; colleagues at; who work|works at|for; working at|for; at;
    somebody at|from; staff at|of
  `,
  },
  {
    means: { is: "introduces", slot: "tag" },
    say: `
    people|contacts|those who|that have|has the? tag; who|that have|has the? tag; who|that are|is tagged; people|contacts|those who|that are tagged; having the tag; tagged; tagged as|with; with the tag; tag; the tag; labelled; labeled; contacts|people tagged as?;
    in my group; in the group; group; my group
  `,
  },
  {
    means: { is: "introduces", slot: "number" },
    say: "the? number; the? phone number; this number; the? mobile number; the? mobile",
  },
  {
    means: { is: "introduces", slot: "line" },
    say: `
    on my; on line; with my line; from my line; on the; over my; line; sim; on sim; on the line; using;
    via; via my; using my
  `,
  },
  { means: { is: "be" }, say: "is; are; was; were; be; been; being; am" },
  { means: { is: "have" }, say: "have; has; had; having; have got; had got" },
];
