const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

function withoutPort(entry: string): string {
  return /^\[([^\]]*)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
}

/** The eight groups of an IPv6 address as numbers; undefined for anything else. */
function groups(address: string): number[] | undefined {
  if (!/^[0-9a-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]`)) return undefined;
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const read = (part: string) => part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [read(head), read(tail ?? "")];
  return [...before, ...Array(8 - before.length - after.length).fill(0), ...after];
}

function normalized(entry: string): string | undefined {
  const address = withoutPort(entry.trim());
  if (IPV4.test(address)) return address;
  const read = groups(address);
  if (read === undefined) return undefined;
  const [a = 0, b = 0] = read.slice(6);
  // An IPv4 address in the form that sockets for both give it.
  if (read.slice(0, 5).every((group) => group === 0) && read[5] === 0xffff) {
    return [a >> 8, a & 255, b >> 8, b & 255].join(".");
  }
  return read.map((group) => group.toString(16)).join(":");
}

/**
 * The address of the client as the platform saw it. Every proxy adds the address it was called from at the end of
 * `X-Forwarded-For`; what stands before the entries of the trusted ones, a client can have made up.
 *
 * @param forwarded_for The header.
 * @param trusted_hops How many proxies of the platform there are; with 0 no address is believed.
 * @returns IPv4, or IPv6 in eight groups; undefined when there is no such entry or it is no address.
 */
export function clientAddress(forwarded_for: string | undefined, trusted_hops: number): string | undefined {
  if (forwarded_for === undefined || trusted_hops === 0) return undefined;
  const entry = forwarded_for.split(",").at(-trusted_hops);
  return entry === undefined ? undefined : normalized(entry);
}

/** What an address is limited as: an IPv6 client has the whole of its /64. */
export function addressBucket(address: string): string {
  return address.includes(":") ? `${address.split(":").slice(0, 4).join(":")}::/64` : address;
}
