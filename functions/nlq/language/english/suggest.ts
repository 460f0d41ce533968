import type { FrequentContact, Occurrence } from "../../suggest.ts";

const DAY_MS = 86_400_000;

/** The shortest stretch up to now that surely holds the moment, whatever the zone. */
function lately({ last_at }: Occurrence, now: Date): string {
  const days = (now.getTime() - Date.parse(last_at)) / DAY_MS;
  if (days < 6) return " in the last 7 days";
  return days < 29 ? " in the last 30 days" : "";
}

/** Questions about a person that would have an answer now. */
export function suggest({ name, times }: FrequentContact, now: Date): string[] {
  const { outbound_call, inbound_call, missed_call, inbound_sms } = times;
  return [
    ...(outbound_call ? [`How often did I call ${name}${lately(outbound_call, now)}?`] : []),
    ...(inbound_call ? [`When did ${name} last call me?`] : []),
    ...(missed_call ? [`Show my missed calls from ${name}${lately(missed_call, now)}`] : []),
    ...(inbound_sms ? [`How many texts did I get from ${name}${lately(inbound_sms, now)}?`] : []),
    ...(inbound_call || outbound_call ? [`Tell me about ${name}`] : []),
  ];
}
