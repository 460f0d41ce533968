import { assertEquals } from "@std/assert";
import { addressBucket, clientAddress } from "../../shared/access/client_address.ts";

Deno.test("The address is what the platform wrote, and not what the client sent before it", () => {
  assertEquals(clientAddress("203.0.113.7", 1), "203.0.113.7");
  assertEquals(clientAddress("10.0.0.1, 1.1.1.1, 203.0.113.7", 1), "203.0.113.7");
  assertEquals(clientAddress("6.6.6.6, 203.0.113.7 , 172.16.0.1", 2), "203.0.113.7");
});

Deno.test("Where nothing trusted is said there is no address", () => {
  assertEquals(clientAddress(undefined, 1), undefined);
  assertEquals(clientAddress("203.0.113.7", 0), undefined);
  assertEquals(clientAddress("203.0.113.7", 2), undefined);
  for (
    const text of [
      "",
      "unknown",
      "1.2.3",
      "1.2.3.4.5",
      "256.1.1.1",
      "_hidden",
      "1.2.3.4/8",
      "::g",
      "[",
      "a]b",
    ]
  ) {
    assertEquals(clientAddress(`203.0.113.7, ${text}`, 1), undefined, text);
  }
});

Deno.test("One address has one name, with and without port, and as IPv6", () => {
  assertEquals(clientAddress("203.0.113.7:4711", 1), "203.0.113.7");
  assertEquals(clientAddress("::ffff:203.0.113.7", 1), "203.0.113.7");
  assertEquals(clientAddress("::FFFF:cb00:7107", 1), "203.0.113.7");
  for (const text of ["2001:DB8::1", "[2001:db8::1]:443", "2001:0db8:0:0:0:0:0:1", "[2001:db8::0.0.0.1]"]) {
    assertEquals(clientAddress(text, 1), "2001:db8:0:0:0:0:0:1", text);
  }
  assertEquals(clientAddress("::1", 1), "0:0:0:0:0:0:0:1");
});

Deno.test("An IPv6 client is limited with its whole /64", () => {
  const bucket = (text: string) => addressBucket(clientAddress(text, 1) ?? "");
  assertEquals(bucket("203.0.113.7"), "203.0.113.7");
  assertEquals(bucket("2001:db8:1:2:3:4:5:6"), bucket("2001:db8:1:2::9"));
  assertEquals(bucket("2001:db8:1:3::9") === bucket("2001:db8:1:2::9"), false);
});
