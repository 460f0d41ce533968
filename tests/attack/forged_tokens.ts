import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { ApiUser } from "../helpers/api.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const base64 = (value: unknown) =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function payloadOf(token: string): JWTPayload {
  return JSON.parse(atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")));
}

/** Tokens in the victim's name that nobody but her, or not even she now, may be let in with. */
export async function forgeTokens(victim: ApiUser, stranger: ApiUser): Promise<Record<string, string>> {
  const { kid, private_key, public_key } = victim.stack.keys;
  const hers = payloadOf(victim.token);
  const raised = { ...hers, role: "service_role" };
  const now = Math.floor(Date.now() / 1000);
  const other = await generateKeyPair("ES256");
  const sign = (
    claims: JWTPayload,
    key: CryptoKey | Uint8Array = private_key,
    alg = "ES256",
    key_id: string = kid,
  ) => new SignJWT(claims).setProtectedHeader({ alg, kid: key_id, typ: "JWT" }).sign(key);
  const [head, , signature] = stranger.token.split(".");
  return {
    "expired": await sign({ ...hers, iat: now - 7200, exp: now - 3600 }),
    "of another issuer": await sign({ ...hers, iss: "https://elsewhere.supabase.co/auth/v1" }),
    "for another audience": await sign({ ...hers, aud: "elsewhere" }),
    "not signed (alg none)": `${base64({ alg: "none", typ: "JWT" })}.${base64(hers)}.`,
    "not signed (alg nOnE, our kid)": `${base64({ alg: "nOnE", kid, typ: "JWT" })}.${base64(raised)}.`,
    "signed with the public key's PEM as HS256 secret": await sign(
      hers,
      encode(await exportSPKI(public_key)),
      "HS256",
    ),
    "signed with the public JWK as HS256 secret": await sign(
      raised,
      encode(JSON.stringify(await exportJWK(public_key))),
      "HS256",
    ),
    "signed with the publishable key as HS256 secret": await sign(
      raised,
      encode(victim.stack.publishable_key),
      "HS256",
    ),
    "of another key under our kid": await sign(hers, other.privateKey),
    "of another key under its own kid": await sign(hers, other.privateKey, "ES256", "elsewhere"),
    "of another key that it brings along": await new SignJWT(raised)
      .setProtectedHeader({ alg: "ES256", typ: "JWT", jwk: await exportJWK(other.publicKey) })
      .sign(other.privateKey),
    "raised to service_role under its old signature": `${head}.${
      base64({ ...payloadOf(stranger.token), role: "service_role" })
    }.${signature}`,
    "changed to her id under its old signature": `${head}.${
      base64({ ...payloadOf(stranger.token), sub: victim.id })
    }.${signature}`,
  };
}
