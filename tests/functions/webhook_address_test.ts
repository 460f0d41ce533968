import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  isAllowedAddress,
  isPublicAddress,
  webhookAddressFault,
} from "../../shared/webhooks/webhook_address.ts";

const fault = (address: string, allow_local = false) => webhookAddressFault(new URL(address), allow_local);

const PRIVATE = [
  "0.0.0.0",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.255.254",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:169.254.169.254",
  "::ffff:a00:1",
  "64:ff9b::7f00:1",
  "100::1",
  "2001:db8::1",
  "2001::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "ff02::1",
];

for (const address of PRIVATE) {
  Deno.test(`${address} is not public, as a number and in an address`, () => {
    assertEquals(isPublicAddress(address), false);
    const host = address.includes(":") ? `[${address}]` : address;
    assertEquals(fault(`https://${host}/hook`), "The address is not a public one");
  });
}

Deno.test("Addresses of the Internet are public", () => {
  for (const address of ["1.1.1.1", "8.8.8.8", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700:4700::1111"]) {
    assert(isPublicAddress(address), address);
  }
});

Deno.test("However an IPv4 address is written, it is known for what it is", () => {
  fc.assert(fc.property(
    fc.constantFrom([127, 0, 0, 1], [10, 1, 2, 3], [169, 254, 169, 254], [192, 168, 0, 1]),
    fc.constantFrom("decimal", "octal", "hex", "one", "mapped"),
    (parts, style) => {
      const number = parts.reduce<number>((sum, part) => sum * 256 + part, 0);
      const hex = number.toString(16).padStart(8, "0");
      const host = {
        decimal: parts.join("."),
        octal: parts.map((part) => `0${part.toString(8)}`).join("."),
        hex: parts.map((part) => `0x${part.toString(16)}`).join("."),
        one: String(number),
        mapped: `[::ffff:${hex.slice(0, 4)}:${hex.slice(4)}]`,
      }[style];
      assertEquals(fault(`https://${host}/`), "The address is not a public one");
    },
  ));
});

Deno.test("Names of private networks and of this machine are refused, users and plain http too", () => {
  const names = ["localhost", "db", "a.localhost", "metadata.google.internal", "printer.local", "nas.lan"];
  for (const name of [...names, "LOCALHOST", "db.internal."]) {
    assertEquals(fault(`https://${name}/hook`), "The address is not a public one", name);
  }
  assertEquals(fault("http://example.com/"), "The address is not https");
  assertEquals(fault("ftp://example.com/"), "The address is not https");
  assertEquals(fault("https://me@example.com/"), "The address names a user");
  assertEquals(fault("https://example.com:25/"), "The port is one of another service");
  for (
    const address of ["https://example.com/a?b=c", "https://hooks.example.com:8443/", "https://1.1.1.1/"]
  ) {
    assertEquals(fault(address), undefined, address);
  }
});

Deno.test("The option for local work adds http and this machine, and no other network", () => {
  for (
    const address of ["http://127.0.0.1:8080/", "http://localhost/", "https://[::1]/", "http://example.com/"]
  ) {
    assertEquals(fault(address, true), undefined, address);
  }
  assertEquals(PRIVATE.filter((address) => isAllowedAddress(address, true)), [
    "127.0.0.1",
    "127.255.255.254",
    "::1",
    "::ffff:127.0.0.1",
  ]);
  assertEquals(fault("http://10.0.0.1/", true), "The address is not a public one");
});
