import { assertEquals } from "@std/assert";
import { NumberReader } from "../../shared/phone_number.ts";

Deno.test("National numbers become E.164 in the reader's region", () => {
  assertEquals(new NumberReader("GB").read("07700 900123"), "+447700900123");
  assertEquals(new NumberReader("DE").read("030/901820"), "+4930901820");
  assertEquals(new NumberReader("US").read("(212) 555-0123"), "+12125550123");
  assertEquals(new NumberReader("GB").read("0049 30 901820"), "+4930901820");
});

Deno.test("International numbers do not depend on the region", () => {
  for (const region of ["GB", "US", "", "ZZ"]) {
    assertEquals(new NumberReader(region).read("+44 7700 900123"), "+447700900123");
    assertEquals(new NumberReader(region).read("tel:+44-7700-900123"), "+447700900123");
  }
});

Deno.test("Short codes, named senders and what is no number stay as they are", () => {
  const reader = new NumberReader("GB");
  for (const number of ["12345", "BANK24", "Vodafone", "*100#", "user@example.test"]) {
    assertEquals(reader.read(` ${number} `), number);
  }
});

Deno.test("Without a region a national number stays as it is dialled", () => {
  assertEquals(new NumberReader("").read("07700 900123"), "07700 900123");
});
