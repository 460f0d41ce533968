import { knows, type OutsideTie } from "./ties.ts";

/** Suppliers and clients whom Olivia and Adam share; the names in the two address books differ. */
const oliviasWork: readonly OutsideTie[] = [
  knows("priya", "Priya Marlow", "work", [2.2, 0.35, 0.4, 8], ["client"]),
  knows("callum", "Callum Finch", "work", [0.9, 0.6, 0.4, 5], ["client"]),
  knows("museum", "Northlight Museum (Joan)", "work", [0.6, 0, 0.5, 11], ["client"]),
  knows("dana", "Dana Whitfield", "overseas", [0.9, 0.4, 0.5, 16], ["client"]),
  knows("theo", "Theo, Kilnhouse", "work", [1.7, 0.5, 0.6, 4], ["supplier", "client"]),
  knows("florist", "Petal & Stem", "errand", [0.6, 0, 0.7, 3], ["supplier"]),
  knows("printer", "Bright Print (Jo)", "errand", [1.1, 0.6, 0.7, 2], ["supplier"]),
  knows("stefan", "Stefan Amp Hire", "work", [0.8, 0.6, 0.6, 4], ["supplier"]),
  knows("lena", "Lena Tidewater", "work", [1.3, 0.6, 0.55, 6], ["supplier", "lunch"]),
  knows("accountant", "Mr Osei", "errand", [0.35, 0, 0.5, 12], ["client"]),
  knows("harriet", "Harriet Vale", "work", [1.5, 0.4, 0.45, 10], ["client"], {
    kind: "ended",
    days_ago: 130,
  }),
];

/** Olivia's ties. */
export const oliviasTies: readonly OutsideTie[] = [
  ...oliviasWork,
  knows("ben", "Ben", "home", [8.6, 0.68, 0.5, 2], ["home", "home", "evening", "parents"]),
  knows("mum", "Mum", "family", [2.1, 0.3, 0.45, 18], ["family"]),
  knows("dad", "Dad", "family", [0.7, 0.3, 0.5, 12], ["family"]),
  knows("kate", "Kate", "family", [2.3, 0.75, 0.5, 14], ["family", "evening"]),
  knows("ivy", "Ivy", "home", [3, 0.75, 0.15, 1.5], ["child"]),
  knows("tess", "Tess", "friend", [1.2, 0.8, 0.5, 22], ["evening", "weekend"]),
  knows("raj", "Raj Anand", "friend", [0.7, 0.8, 0.5, 9], ["evening", "weekend"]),
  knows("lou", "Lou", "friend", [2, 0.8, 0.6, 15], ["evening"], { kind: "fading", half_life_days: 60 }),
  knows("nia", "Nia (choir)", "friend", [2, 0.85, 0.5, 6], ["evening", "weekend"], {
    kind: "new",
    days_ago: 70,
  }),
  knows("school", "Ashgrove School", "errand", [0.4, 0, 0.35, 3], ["parents"]),
  knows("dentist", "Dentist", "errand", [0.08, 0, 0.7, 2], ["appointment"]),
  knows("doctor", "Linden Surgery", "errand", [0.12, 0, 0.6, 4], ["appointment"]),
  knows("taxi", "Cab Fox", "friend", [0.5, 0, 0.95, 0.8], ["weekend"]),
  knows("bistro", "Lotte's", "friend", [0.2, 0, 0.95, 1.2], ["weekend"]),
  knows("garage", "Weller Garage", "errand", [0.06, 0, 0.6, 3], ["supplier"]),
];

/** Adam's ties. */
export const adamsTies: readonly OutsideTie[] = [
  knows("jess", "Jess", "evening", [4, 0.8, 0.5, 9], ["evening", "home", "weekend"], {
    kind: "new",
    days_ago: 150,
  }),
  knows("robin", "Robin", "evening", [1.4, 0.7, 0.55, 12], ["evening", "weekend"], {
    kind: "ended",
    days_ago: 210,
  }),
  knows("marc", "Marc", "family", [0.6, 0.7, 0.5, 10], ["family", "weekend"]),
  knows("adams_mum", "Mum", "family", [1.3, 0.2, 0.4, 21], ["family"]),
  knows("tom", "Tom B", "friend", [0.7, 0.85, 0.5, 4], ["football", "weekend"]),
  knows("yusuf", "Yusuf", "friend", [0.6, 0.85, 0.5, 5], ["football"]),
  knows("felix", "Felix", "friend", [1.6, 0.85, 0.6, 5], ["football"], {
    kind: "fading",
    half_life_days: 60,
  }),
  knows("kate", "Kate Hart", "friend", [0.4, 0.9, 0.5, 6], ["evening"]),
  knows("landlord", "Landlord", "errand", [0.15, 0.5, 0.6, 4], ["supplier"]),
  knows("priya", "Priya M+F", "work", [0.6, 0.5, 0.5, 6], ["client"]),
  knows("theo", "Theo Kilnhouse", "work", [0.9, 0.6, 0.6, 3], ["supplier"]),
  knows("stefan", "Stefan (sound)", "work", [0.9, 0.6, 0.65, 4], ["supplier"]),
  knows("printer", "Jo Printer", "errand", [0.4, 0.6, 0.6, 2], ["supplier"]),
  knows("lena", "Lena catering", "work", [0.6, 0.6, 0.5, 4], ["supplier"]),
  knows("dentist", "Park Dental", "errand", [0.06, 0, 0.7, 2], ["appointment"]),
  knows("taxi", "Taxi", "friend", [0.3, 0, 0.95, 0.8], ["weekend"]),
  knows("bikes", "Spoke & Chain", "errand", [0.1, 0, 0.6, 2], ["supplier"]),
];

/** Vera's ties. */
export const verasTies: readonly OutsideTie[] = [
  knows("karl", "Karl", "home", [0.2, 0.6, 0.5, 2], ["home"]),
  knows("accountant", "Osei Accounting", "errand", [0.08, 0, 0.6, 9], ["client"]),
];
