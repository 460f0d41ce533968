import type { Script } from "./scripts.ts";

/** What colleagues, clients and suppliers write. */
export const workScripts = {
  team: [
    ["Can you send me <FILE> for <EVENT>?", "In your inbox in <minutes>", "<thanks>"],
    ["Meeting moved to <office_time>", "<ok>. Same link?", "Yes"],
    [
      "Do we have the deposit for <EVENT>?",
      "Came in this morning",
      "+<amount> short though",
      "I'll ring them",
    ],
    ["Running <minutes> late, start without me", "<ok>"],
    ["Client wants <COUNT> more seats 🙃", "<COUNT>?? Where?", "Exactly what I said", "<laugh>"],
    ["Did you talk to the venue about <ITEM>?", "Left a message, trying again at <office_time>", "<ok>"],
    ["<FILE> is wrong on page 2", "Looking", "+Fixed, check again?", "Now it's right. <thanks>"],
    ["Who is on site on <weekday>?", "Me until noon, then you", "<ok>"],
    ["Great job today everyone <happy>", "<thanks>! What a crowd"],
    ["Is <EVENT> confirmed?", "Signed today <happy>", "Finally"],
    ["The numbers for <month> don't add up, can we go through them?", "<weekday> at <office_time>?", "<ok>"],
    ["Password for the printer?", "On the sticker under the lid", "<laugh> <thanks>"],
    ["I'll be offline from <office_time>, dentist", "<ok>, good luck"],
    [
      "Can you take the call with the client at <office_time>? Double booked",
      "<ok>, send me <file>",
      "Done. <thanks>",
    ],
  ],
  client: [
    [
      "<hi>, have you had a chance to look at <FILE>?",
      "Looks good, two small comments by mail",
      "<thanks>, will fix",
    ],
    ["Could we move our call to <weekday> <office_time>?", "That works", "<thanks>"],
    ["How many guests should we plan for <EVENT>?", "<count> at the moment", "<ok>, I'll tell the kitchen"],
    ["We have decided to go ahead with <EVENT> <happy>", "Wonderful! Contract is on its way today"],
    ["<hi>, <invoice> seems to be still open, could you check?", "<sorry>, paid today", "<thanks>!"],
    ["Is the <weekday> visit still on?", "Yes, <office_time> at the main entrance", "See you there"],
    ["The board loved it. Thank you all", "That makes our week <happy>"],
    ["Could you send <FILE> again? The link has expired", "New link sent", "<thanks>"],
    ["We may have to postpone <EVENT>. Can you talk?", "Calling you in <minutes>"],
  ],
  supplier: [
    [
      "Do you have <GOODS> for <COUNT> on the 14th?",
      "Yes, reserved for you",
      "<thanks>, please hold it until <weekday>",
    ],
    ["Delivery is at the back entrance", "<ok>, there in <minutes>"],
    ["Proofs are ready, please check by <office_time>", "All good, print", "<ok>"],
    ["We are <count> short on <GOODS>", "On the van already, <minutes>", "<thanks>"],
    ["<INVOICE> for <item> sent", "<ok>, will be paid this week"],
    ["Truck is stuck in traffic, <minutes>", "<ok>, keep me posted", "+We start at <office_time>"],
    ["Can we collect <ITEM> tomorrow before 10?", "Yes, ring the bell", "<ok>"],
    ["Do you have a slot on <weekday>?", "<office_time>?", "Perfect"],
  ],
  lunch: [
    ["Lunch?", "<PLACE> at half 12?", "<ok>"],
    ["Soup place or sandwiches?", "Soup 🍜", "<ok>, ordering"],
    ["Coffee in <minutes>?", "Yes please ☕"],
    ["Bringing cake for the team <happy>", "You're my favourite person"],
  ],
  appointment: [
    ["<hi>, can I move my appointment on <weekday>?", "We have <office_time> on <weekday>", "<ok>, <thanks>"],
  ],
} as const satisfies Record<string, readonly Script[]>;
