import type { Phrase } from "../language.ts";

/** What is to be done with the figures, and the words that tie a question together. */
export const WISHES: readonly Phrase[] = [
  {
    means: { is: "compare" },
    say: `
    compare; comparison of; comparison; how does; how do; difference between; the? difference in;
    what is the difference between; contrast
  `,
  },
  {
    means: { is: "versus" },
    say: `
    set against; up against; measured against; next to; stacked up against; than; vs; versus; compared to|with; compare to|with; in comparison to|with; against; as opposed to;
    rather than; relative to
  `,
  },
  { means: { is: "join", join: "and" }, say: "and; as well as; and also; plus; ," },
  { means: { is: "join", join: "or" }, say: "or; or by; or with; or from; or did i" },
  {
    means: { is: "intent", intent: "list", asks: "weakly" },
    say: `
    my? log|history from|for|of|on; i am looking for; looking for; look for; hunt for; dig up|out; run|walk me through; go through|over; pull out; list out; distribution; the? distribution of; a? histogram of; breakdown; breakdown of; a breakdown of; break down; split; split of; look|looking at; take|have a look at; have a look; a look at; i want|need|wish|have|like to look at|see|view|check|get|have; i would like to look at|see|view|check|get|have; check; check out; name; identify; a? table of|with; table; show|list|display me? them; let me see them; fetch; retrieve; present; enumerate; output; pull; bring; open; can|could|may i see|have|get; let me have; show us; could|can you list|show|find|get|pull|give me?; i want; i would like; get me all; what do i have; a list of; the list of; give us; show; show me; list; display; give me; find; get me; find me; let me see; i want to see;
    i would like to see; bring up; pull up; can|could|would you pull|bring|dig|look up; i need|have to see|view|check; i need|have to look at; need to see|view|check; which; what; print; see; view; look up; what are; what were;
    which ones; search for; search; give me a list of; i need; what was; what is
  `,
  },
  {
    means: { is: "intent", intent: "unreturned", asks: "strongly" },
    say: `
    waiting for me to call back; waiting for me to ring back; be calling back; be ringing back; should i be calling|ringing back; waits for me to call back; is|are waiting for my call; waiting for my call; waiting for a call from me; i still owe a? call; calling back; ringing back; am i supposed to ring|phone|text back; supposed to ring|phone|text back; should|must i get back to; need|have to get back to; waiting to hear back? from me; am i supposed to call back; supposed to call back; who|whom do|should|must i call back; who do|should i need to call back; do|should i call back;
    should|must|need|ought|have to? call|ring|phone back; did|have|has not return|returned|returning; not return|returned; who|whom do|should|must i ring|phone|text back; should|must|need|have i|to ring|phone back; forget|forgot|forgotten to call|ring|phone anyone|anybody|someone|somebody back; have|did not i return|returned; have|did not i call|called|ring|rung back; i need|have|ought to call back; call back; not returned; unreturned; i have not returned;
    have i not returned; did i not return; i did not return; who do i owe a? call|calls;
    owe a? call|calls; do i owe; owe; never called back; not called back; have i not called back;
    have not called back; i have not called back; did i not call back; did not call back; not call back;
    i still have to call back; still need to call back; waiting for a? call back from me;
    forgot to call back; forgotten to call back; forget to call back; need to return; should i return;
    never returned; callbacks; pending callbacks; outstanding callbacks; return; still waiting for;
    to ring back; ring back; not rung back; i owe a call; need a call back; needs a call back;
    still owe a? call
  `,
  },
  {
    means: { is: "intent", intent: "unreturned", asks: "strongly", theirs: true },
    say: `
    called|call|calling me back; not|never called|call me back; rung|ring|phoned me back; not|never rung|phoned me back;
    returned|return my call|calls; not|never returned|return my call|calls; got|get|gotten back to me;
    not got|gotten|get back to me; never got back to me; never called|texted|rang|phoned me? back; never replied|responded; never replied|responded to me; owes|owe me a? call|calls|callback|reply|answer; owes|owe me a? call back; still owes|owe me a? call|callback|reply; still owes|owe me a? call back; not replied|responded; not replied|responded to me; not reply|respond; not reply|respond to me; has not called back
  `,
  },
  {
    means: { is: "intent", intent: "profile", asks: "strongly" },
    say: `
    how are|is things|it between me|us|myself and; how are|is things|it between us; how do things stand with; what is going on|happening|up between me|us and; what is going on|happening|up between us; a? quick|short|brief summary|overview|rundown of|on|about; the? lowdown on; lowdown on; give me the lowdown on; snapshot of; a? snapshot of; background on; stats|statistics for|on|about; the? full picture of|on; a? full picture of|on; how well do i know; tell me all about; all about; a? summary for; 's profile; profile on; the? summary of; a? summary on; summary on; tell me something|anything|everything|a bit about; something about; the story with; how do i get on|along with; rundown on|of; a? rundown on; fill me in on; what is up with; what is going on with; brief me on; report on; the? picture of; insight into; sum up; sum up my contact with; a summary of my contact with; how are we doing with; what is my history with; details for; profile for; a profile for; tell me about; tell me more about; summary of; summarise; summarize; how are things with;
    how are things going with; what do you know about; profile of; a? profile of; give me a summary of;
    overview of; my relationship with; how is my relationship with; what is my relationship with;
    relationship with; describe my relationship with; how is it going with; how am i doing with;
    history with; my history with; insights on|about|into; everything about; how close am i to;
    how close are; contact profile of|for; details of|about|on; info on|about; information on|about
  `,
  },
  {
    means: { is: "intent", intent: "profile", asks: "strongly", who: true },
    say: "who is; who are; who was",
  },
  {
    means: { is: "intent", intent: "gaps", asks: "strongly" },
    say: `
    have|has any? gaps|holes; where does|do my? log|data|history|records have gaps|holes; where the|my? data is|are missing; where the|my? log|history|records is|are missing; where something|anything is missing; what|which the|my? data is missing; where the? gaps are; what gaps; where are the|my? gaps; where are there gaps; is there data missing; are any|some days|periods missing; days|periods without data; blank days|periods; what periods have no data; where do i have no data; holes in; any holes in; any data missing; is any of my data missing; any missing data; missing stretches; what is missing from; is anything|something|data missing; is there anything|something|data missing;
    gaps; gap; data gaps; any gaps; missing data; what data is missing;
    lose|loses|lost anything|something|data|events|calls; holes|gaps in the|my? log|data|history|records; a? hole in; is there a hole; holes; are there any? gaps|holes;
    which days|periods|times are missing; missing periods|days|records; days|weeks|months|periods with no data; have|has no data; no data; is anything missing;
    am i missing any? data|records; where is data missing; incomplete;
    missing from my log|data|history|records; do i have any? gaps; gaps in; lost data; missing
  `,
  },
  {
    means: { is: "intent", intent: "quality", asks: "strongly" },
    say: `
    is the? data in|of my log|history|account complete|reliable|accurate|good; are my records complete|reliable|accurate|good; what is my data|log|history quality like; data|log quality like; quality like; the? quality of my? data|log|history|records like; how complete|good|reliable|accurate|clean|trustworthy my data|log|history|records is|are; how complete|good|reliable|accurate|clean|trustworthy my call|phone|text data|log|history|records is|are; how complete|good|reliable|accurate is|are the? call|phone? data|log|history|records; how is my data|log; how is my data quality; how is the quality of; in good shape; assess; evaluate; grade; how clean; how trustworthy; the? state of; how much can i trust; is my data|log|history complete|reliable|good|accurate; is my call log|history complete|reliable|good; any good; how good|complete|reliable|accurate|clean is; data quality; quality; quality of; the? quality of;
    how reliable|trustworthy|good|complete|accurate are; data quality score; health of; how healthy is;
    score of my data; how good is the quality of; rate; can i trust
  `,
  },
  {
    means: { is: "intent", intent: "predict", asks: "strongly" },
    say: `
    which|what people|contacts|friends will; people|contacts|friends|those who will; which of my contacts|friends will; when do you think; do you think; i can|could expect; might; is about to; do you think will; who do you think will;  who might; who could; about to; can i expect; should i be expecting; do you expect; do i expect; who will; when will; will; is likely to; are likely to; likely to; likely; most likely;
    am i likely to; who is going to; going to; predict; prediction; predictions; forecast; expect;
    should i expect; expected; should i expect to hear; in danger of losing touch|contact; in danger of losing touch|contact with; at risk of losing touch|contact; at risk of losing touch|contact with; close to losing touch|contact; close to losing touch|contact with; am i losing; slipping away; slipped away; fading; fading away; faded; growing|grown|grow apart; growing|grown|grow apart from; going cold; gone cold; cooling off; reconnect with; should i reconnect with; get back in touch with; should i get back in touch with; should i get in touch with; lost contact; lost contact with; drifting apart|away from anyone|anybody|someone|somebody; losing touch; losing touch with;
    am i losing touch with; overdue; drifting; drifting away; drift; drifted; drifting apart; predicted;
    probably; lose|losing touch|contact; lose|losing touch|contact with; starting|beginning to lose touch|contact; starting|beginning to lose touch|contact with; lost touch; lost touch with; have i lost touch with;
    neglecting; neglected; out of touch; due; due for; is due; chance; chances;
    what are the chances that?; how likely is it that?; how likely is|am|are; call next; call me next;
    next; be in touch next; i expect
  `,
  },
  {
    means: { is: "not" },
    say: `
    everyone|everybody|anyone|anybody|people|all|anything but; everyone|everybody|anyone|anybody|people except|excluding|besides; everyone|everybody|anyone|anybody|people other than; everyone|everybody|anyone|anybody|people apart from; without those from|to|with; without the ones from|to|with; except those from|to|with; not including; not counting those from|to|with; leaving aside; aside from; save for; minus; not; except; except for; excluding; but not; other than; apart from; without; not with; not from;
    without counting|including; not to; besides; not counting; ignoring; leaving out; excluding those from|with|to
  `,
  },
  { means: { is: "only" }, say: "only; just" },
  {
    means: { is: "follow_up" },
    say: `
    what about; how about; and what about; and how about; ok and; now; and now; same for; the same for;
    and for; what of; then; and the; also; and only; and just; same question for; same thing for; but
  `,
  },
  {
    means: { is: "whether" },
    say:
      "whether; if; check whether|if; tell me whether|if; do you know whether|if; is it true that; i wonder whether|if; can you tell me whether|if; find out whether|if",
  },
  {
    means: { is: "filler" },
    say: `
    -; –; —; hiya; yo; howdy; gimme; lemme; thx; tnx; ta; cheers; mate; curious; wondering; anyway; anyways; as well; specifically; literally; precisely; in fact; ideally; in particular; i guess; i suppose; i think; i believe; if any; mate|mates; love; dear; buddy; bro; dude; can|could you please; what about it; show|see how; do you reckon; i reckon; any guess|guesses; in here; i am after; end|ended up; go; for my? report|notes|boss|files|meeting; keep; keeps; kept; btw; by the way; hmm; um; uh; oh; quick; real quick; basically; honestly; kinda; sorta; i am trying to find|work|figure out; trying to find|work|figure out; help me find|work|figure out; help me understand|see; i was wondering; try|tried|tries|trying to; attempt|attempted to; how are; how were; just checking|wondering|curious; checking; quick question|one|check;
    i would love|like to know|see|hear; i would love|like to find out; love to know|see; i need to know; need to know; do you happen to know; any idea; out of curiosity;
    for my records; for the record; if possible; if you can; show|tell me how; add up; tot up; add together; take|takes|took|taken up; work out; calculate; compute; figure out; determine; seem to be; seems to be; appear to be; happen to; tend to; combined; taken together; put together; together; +; the; a; an; my; mine; do; does; did; please; could you; can you; would you; will you; could you please; can you please;
    would you please; can i; could i; may i; hey; hi; hello; thanks; thank you; ok; okay; so; well;
    tell me; tell; let me know; i wonder; i want to know; i would like to know; do you know; you;
    just tell me; kindly; of; in; on; at; for; during; over; it; its; that; there; this; which; ever;
    all; any; some; overall; all together; so far;
    up to now; until now; to date; already; really; actually; exactly; about how; roughly; approximately;
    currently; right now; at all; again; yet; in general; generally; log; call log; call history;
    history; phone; data; records; my log; all time; of all time; in my log|history|records; went;
    happened; happen; happens; took place; take place; times; time; place; to be; were there; are there;
    is there; was there; there have been; have there been; there were; my data; my phone; on my phone;
    one; kind of; sort of; want to; i want;
    i would like; too; mind telling me; would you mind telling me; do you mind telling me; group;
    the ones with; ones with; in them; in it; take; takes; took; taking; go on; went on; appear; appears; exchanged; exchange; still; different; distinct; unique; could|can|may|might i ask; i would like to ask; it that; is it that; was it that; at any time; whatsoever; by any chance; long; sees; saw; happening; on record|file; stored; logged; recorded; registered; tracked; in the? system|database|app|account; in my account; names of; the names of; there is; please do; for me; every; each; use; used; in all my; out there; now; today's date; in my life; at the moment; it is; kindly tell me; quickly; briefly; both; either; between us; lasted; lasting; single;
    much; many; often; frequently; regularly
  `,
  },
];
