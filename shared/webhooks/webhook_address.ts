import ipaddr from "ipaddr.js";

/** Public addresses behind which a cloud answers its own machines. */
const METADATA = new Set(["168.63.129.16"]);

/** Names that lead into a private network, or mean this machine. */
const INTERNAL_NAME = /^[^.]*$|(^|\.)(localhost|local|internal|intranet|lan|corp|home|home\.arpa)$/;

/** True for an IP address that anybody on the Internet can reach; false for every special range and for no address. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === "unicast" && !METADATA.has(parsed.toString());
}

function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback";
}

/** Whether messages may be sent to this IP address; `allow_local` adds this machine, and no other private address. */
export function isAllowedAddress(address: string, allow_local: boolean): boolean {
  return isPublicAddress(address) || (allow_local && isLoopbackAddress(address));
}

/**
 * What is wrong with the address of a webhook, as far as the text of it tells, in words; undefined when nothing is. Where
 * its name leads is looked at when a message is sent, because it may change.
 *
 * @param allow_local Takes http and this machine too.
 */
export function webhookAddressFault(url: URL, allow_local: boolean): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (url.protocol !== "https:" && !(allow_local && url.protocol === "http:")) {
    return "The address is not https";
  }
  if (url.username !== "" || url.password !== "") return "The address names a user";
  if (ipaddr.isValid(host)) {
    return isAllowedAddress(host, allow_local) ? undefined : "The address is not a public one";
  }
  if (INTERNAL_NAME.test(host) && !(allow_local && host === "localhost")) {
    return "The address is not a public one";
  }
  if (!allow_local && url.port !== "" && Number(url.port) < 1024) return "The port is one of another service";
  return undefined;
}
