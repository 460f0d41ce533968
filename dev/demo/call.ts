import type { Calendar } from "./calendar.ts";
import { type Channel, recordCall } from "./channel.ts";
import { speak } from "./conversation.ts";
import type { Random } from "./random.ts";
import type { DemoStatus } from "./types.ts";

/** A call that somebody wants to make. */
export interface CallPlan {
  /** Start, ms since 1970. */
  at: number;
  is_mine: boolean;
  /** Median length in minutes if it is answered. */
  minutes: number;
  /** Whether the other side writes texts at all. */
  can_text: boolean;
}

const outcomes: readonly DemoStatus[] = ["answered", "missed", "voicemail", "declined"];
const outboundOdds = [0.77, 0.15, 0.05, 0.03];
const inboundOdds = [0.76, 0.155, 0.045, 0.04];

/** Log-normal, as lengths of phone calls are: sigma 0.95 puts one call in ten above 3.4 times the median. */
function drawDuration(random: Random, status: DemoStatus, minutes: number): number {
  if (status === "answered") {
    return Math.max(2, Math.min(9_000, Math.round(random.logNormal(minutes * 60, 0.95))));
  }
  return status === "voicemail" ? Math.max(3, Math.round(random.logNormal(22, 0.5))) : 0;
}

const excuses = [
  "In a meeting, call you back in <minutes>",
  "Can't talk right now, later?",
  "On the train, text me?",
];

/**
 * Makes a call and all that follows from it: a second try, a text with an excuse, a call back within the hour. Nobody
 * calls back at night.
 */
export function ring(channel: Channel, random: Random, calendar: Calendar, plan: CallPlan, tries = 0): void {
  const status = outcomes[random.weighted(plan.is_mine ? outboundOdds : inboundOdds)] ?? "answered";
  const at = recordCall(channel, random, plan, status, drawDuration(random, status, plan.minutes));
  if (at === null || status === "answered" || tries === 2) return;
  const again = (seconds: number, isMine: boolean) => {
    const next = at + Math.floor(seconds * 1000);
    const hour = calendar.hour(next);
    if (hour < 7 || hour > 21) return;
    ring(channel, random, calendar, { ...plan, at: next, is_mine: isMine }, tries + 1);
  };
  if (status === "declined" && plan.can_text && random.chance(0.6)) {
    const reply = { at: at + random.int(8, 40) * 1000, is_mine: !plan.is_mine };
    speak(channel, random, calendar, reply, [random.pick(excuses), "<ok>"], 0.3);
  }
  if (status === "missed" && random.chance(0.18)) return again(random.int(20, 150), plan.is_mine);
  if (random.chance(0.66)) again(random.logNormal(1_300, 1), !plan.is_mine);
}
