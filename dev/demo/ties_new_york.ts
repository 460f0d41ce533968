import { knows, type OutsideTie } from "./ties.ts";

/** Ana's ties. */
export const anasTies: readonly OutsideTie[] = [
  knows("mama", "Mamá", "family", [1.6, 0.25, 0.45, 24], ["family"]),
  knows("leo", "Leo", "family", [0.7, 0.75, 0.5, 8], ["family", "weekend"]),
  knows("carmen", "Carmen (roomie)", "home", [1.6, 0.9, 0.5, 2], ["home", "evening"]),
  knows("zoe", "Zoe Abrams", "friend", [1, 0.8, 0.5, 16], ["evening", "weekend"]),
  knows("jonah", "Jonah", "evening", [4, 0.85, 0.5, 14], ["evening", "weekend"], {
    kind: "new",
    days_ago: 85,
  }),
  knows("piet", "Piet", "overseas", [0.7, 0.8, 0.5, 30], ["evening"], {
    kind: "fading",
    half_life_days: 120,
  }),
  knows("dana", "Dana W.", "work", [1.1, 0.4, 0.5, 10], ["client"]),
  knows("linen", "Empire Linen", "errand", [0.6, 0, 0.6, 3], ["supplier"]),
  knows("loft", "Hudson Loft", "errand", [0.9, 0, 0.6, 5], ["client"]),
  knows("physician", "Chelsea Family Medicine", "errand", [0.12, 0, 0.6, 4], ["appointment"]),
  knows("yoga", "Low Tide Yoga", "errand", [0.1, 0, 0.6, 2], ["appointment"]),
  knows("new_york_taxi", "City Car", "friend", [0.25, 0, 0.95, 0.8], ["weekend"]),
];

/** Milo's ties. */
export const milosTies: readonly OutsideTie[] = [
  knows("grace", "Grace", "home", [4, 0.62, 0.5, 2], ["home", "parents", "family"]),
  knows("daycare", "Little Oaks Daycare", "errand", [0.4, 0, 0.35, 2], ["parents"]),
  knows("pop", "Pop", "family", [1, 0.15, 0.6, 14], ["family"]),
  knows("emeka", "Emeka", "family", [0.8, 0.7, 0.5, 9], ["family", "football"]),
  knows("sal", "Sal (driver)", "work", [1.3, 0.5, 0.7, 1.5], ["supplier"]),
  knows("linen", "Linen - Empire", "errand", [0.9, 0, 0.6, 3], ["supplier"]),
  knows("loft", "Hudson Loft front desk", "errand", [0.7, 0, 0.6, 3], ["supplier"]),
  knows("dana", "Ms Whitfield", "work", [0.3, 0.4, 0.4, 6], ["client"]),
  knows("barber", "Fade Street", "errand", [0.2, 0, 0.9, 1], ["appointment"]),
  knows("andre", "Andre", "friend", [1.2, 0.8, 0.5, 10], ["football"], {
    kind: "fading",
    half_life_days: 90,
  }),
  knows("coach", "Coach Dee", "friend", [1, 0.9, 0.4, 3], ["football"], { kind: "new", days_ago: 55 }),
  knows("new_york_taxi", "City Car Service", "friend", [0.2, 0, 0.95, 0.8], ["weekend"]),
];

/** Sol's ties; some of these people and numbers are known in the firm too. */
export const solsTies: readonly OutsideTie[] = [
  knows("sols_mother", "Mom", "family", [0.7, 0.3, 0.45, 16], ["family"]),
  knows("noor", "Noor", "friend", [0.75, 0.85, 0.5, 8], ["evening", "weekend"]),
  knows("zoe", "Zoe", "friend", [0.3, 0.85, 0.5, 11], ["evening"]),
  knows("boss", "Mr Albright", "work", [0.6, 0.5, 0.3, 3], ["lunch"]),
  knows("new_york_taxi", "Car service", "friend", [0.1, 0, 0.95, 0.8], ["weekend"]),
];
