import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";

/** The key pair that signs users' tokens (ES256), as a Supabase project has one. */
export interface SigningKeys {
  kid: string;
  private_key: CryptoKey;
  public_key: CryptoKey;
  /** The public key as `/auth/v1/.well-known/jwks.json` serves it. */
  jwks: { keys: JWK[] };
}

async function generatePrivateJwk(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return await exportJWK(privateKey);
}

async function readOrCreate(path: string): Promise<JWK> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new Error(`Cannot read the signing key in "${path}": delete the file to get a new one`, {
        cause: error,
      });
    }
  }
  const jwk = await generatePrivateJwk();
  const draft = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(draft, JSON.stringify(jwk), { mode: 0o600, createNew: true });
  await Deno.rename(draft, path);
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
    jwks: { keys: [{ ...public_jwk, kid, alg: "ES256", use: "sig", key_ops: ["verify"] }] },
  };
}
