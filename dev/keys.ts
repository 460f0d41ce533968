import { dirname } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";

/** The key pair that signs users' tokens (ES256), as a Supabase project has one. */
export interface SigningKeys {
  kid: string;
  private_key: CryptoKey;
  public_key: CryptoKey;
  /** The private key as an operator gives it to the functions (PHONELOG_SIGNING_KEY). */
  private_jwk: JWK;
  /** The public key as `/auth/v1/.well-known/jwks.json` serves it. */
  jwks: { keys: JWK[] };
}

async function generatePrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return await exportJWK(privateKey);
}

async function read(path: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new Error(`Cannot read the signing key in "${path}": delete the file to get a new one`, { cause });
  }
}

async function create(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, JSON.stringify(await generatePrivateJwk()), {
    mode: 0o600,
    createNew: true,
  });
  // A link, unlike a rename, leaves the key of another process that was first.
  await Deno.link(draft, path).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  await Deno.remove(draft);
}

async function readOrCreate(path: string): Promise<JWK> {
  if (await read(path) === undefined) await create(path);
  const jwk = await read(path);
  if (jwk === undefined) throw new Error(`Cannot keep the signing key in "${path}"`);
  return jwk;
}

/**
 * The signing keys kept in a file that only its owner can read, made on first use; fresh ones without a path.
 * Tokens outlive a restart when the keys do.
 */
export async function openKeys(path?: string): Promise<SigningKeys> {
  const private_jwk = path === undefined ? await generatePrivateJwk() : await readOrCreate(path);
  const { kty, crv, x, y } = private_jwk;
  const public_jwk = { kty, crv, x, y } as JWK;
  const kid = await calculateJwkThumbprint(public_jwk);
  return {
    kid,
    private_key: await importJWK(private_jwk, "ES256") as CryptoKey,
    public_key: await importJWK(public_jwk, "ES256") as CryptoKey,
    private_jwk: { ...private_jwk, kid, alg: "ES256" },
    jwks: { keys: [{ ...public_jwk, kid, alg: "ES256", use: "sig", key_ops: ["verify"] }] },
  };
}
