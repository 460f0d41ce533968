import { isAllowedAddress, webhookAddressFault } from "../../shared/webhooks/webhook_address.ts";

/** What a receiver answered: its HTTP status, and a code when that is no success or there was no answer. */
export interface SendOutcome {
  readonly status: number | null;
  readonly error: string | null;
}

export interface SendOptions {
  /** Also http, and this machine. */
  readonly allow_local: boolean;
  /** For name, connection and answer together; 5 seconds unless told. */
  readonly timeout_ms?: number;
  /** Further certificate authorities, PEM. */
  readonly ca_certs?: string[];
}

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/;
const MAX_STATUS_LINE = 1000;

/** Why there was no answer, in one of a few codes that do not tell what is in the network around us. */
class SendFailure extends Error {
  override readonly name = "SendFailure";
}

/** One attempt: what it has open, and whether its time is up. */
class Attempt {
  readonly #limit = new AbortController();
  #connection: Deno.Conn | undefined;

  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  /** Takes over a connection, which ends with the attempt. */
  hold<Connection extends Deno.Conn>(connection: Connection): Connection {
    if (this.signal.aborted) {
      connection.close();
      throw new SendFailure("timeout");
    }
    this.#connection = connection;
    return connection;
  }

  /** Passes a connection on to who closes it from now on. */
  release(): void {
    this.#connection = undefined;
  }

  end(): void {
    this.#limit.abort();
    this.#connection?.close();
    this.#connection = undefined;
  }
}

/** Where a name leads, by DNS; nothing where this platform cannot say. */
async function addressesOf(host: string, signal: AbortSignal): Promise<string[]> {
  if (typeof Deno.resolveDns !== "function") return [];
  const found = await Promise.allSettled([
    Deno.resolveDns(host, "A", { signal }),
    Deno.resolveDns(host, "AAAA", { signal }),
  ]);
  return found.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
}

/**
 * A connection to a host that is allowed. The decision is about the address that was connected to, before anything is
 * sent, so a name that leads elsewhere a moment later changes nothing.
 */
async function connect(url: URL, options: SendOptions, attempt: Attempt): Promise<Deno.Conn> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const allowed = (address: string) => isAllowedAddress(address, options.allow_local);
  if (!(await addressesOf(hostname, attempt.signal)).every(allowed)) throw new SendFailure("address_refused");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const tcp = attempt.hold(await Deno.connect({ hostname, port }));
  if (!allowed(tcp.remoteAddr.hostname)) throw new SendFailure("address_refused");
  if (url.protocol === "http:") return tcp;
  attempt.release();
  const tls = attempt.hold(
    await Deno.startTls(tcp, { hostname, ...(options.ca_certs && { caCerts: options.ca_certs }) }),
  );
  await tls.handshake().catch(() => {
    throw new SendFailure("tls_failed");
  });
  return tls;
}

async function write(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function readStatus(connection: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(MAX_STATUS_LINE);
  let length = 0;
  while (length < buffer.length && !buffer.subarray(0, length).includes(10)) {
    const count = await connection.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  const status = STATUS_LINE.exec(new TextDecoder().decode(buffer.subarray(0, length)))?.[1];
  if (status === undefined) throw new SendFailure("answer_invalid");
  return Number(status);
}

function outcomeOf(status: number): SendOutcome {
  if (status >= 200 && status < 300) return { status, error: null };
  return { status, error: status >= 300 && status < 400 ? "redirected" : "status" };
}

async function exchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: SendOptions,
  attempt: Attempt,
): Promise<SendOutcome> {
  const connection = await connect(url, options, attempt);
  const content_length = String(new TextEncoder().encode(body).length);
  const lines = Object.entries({
    host: url.host,
    ...headers,
    "content-length": content_length,
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await write(connection, `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n${body}`);
  return outcomeOf(await readStatus(connection));
}

/**
 * Posts a message to a webhook's address. Written on a connection rather than with fetch, which would look the name up
 * again, where nobody sees the answer: so no name can lead to a private address between the check and the request. Of the
 * answer only the status is read, and no redirect is followed.
 *
 * @returns Never throws for what the receiver or the network does.
 */
export async function sendMessage(
  address: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: SendOptions,
): Promise<SendOutcome> {
  const url = new URL(address);
  if (webhookAddressFault(url, options.allow_local)) return { status: null, error: "address_refused" };
  const attempt = new Attempt();
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new SendFailure("timeout")), options.timeout_ms ?? 5000);
  try {
    return await Promise.race([exchange(url, headers, body, options, attempt), limit.promise]);
  } catch (error) {
    return { status: null, error: error instanceof SendFailure ? error.message : "connection_failed" };
  } finally {
    clearTimeout(timer);
    attempt.end();
  }
}
