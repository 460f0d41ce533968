import { assertEquals, assertThrows } from "@std/assert";
import { readEnv } from "../../shared/env.ts";

const hosted = {
  SUPABASE_URL: "https://abc.supabase.co/",
  SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_x"}',
  SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
};

Deno.test("The platform's variables are enough", () => {
  const env = readEnv(hosted);
  assertEquals(env.supabase_url, "https://abc.supabase.co");
  assertEquals(env.issuers, ["https://abc.supabase.co/auth/v1"]);
  assertEquals(String(env.jwks), "https://abc.supabase.co/auth/v1/.well-known/jwks.json");
  assertEquals(env.cors_origins, ["*"]);
});

Deno.test("Inline keys of Auth are taken as a set or as a list", () => {
  const keys = [{ kty: "EC", kid: "1" }];
  assertEquals(readEnv({ ...hosted, SUPABASE_JWKS: JSON.stringify({ keys }) }).jwks, { keys });
  assertEquals(readEnv({ ...hosted, SUPABASE_JWKS: JSON.stringify(keys) }).jwks, { keys });
});

Deno.test("Tokens of the CLI's stack are issued for the address outside its containers", () => {
  const env = readEnv({ ...hosted, SUPABASE_URL: "http://kong:8000" });
  assertEquals(env.issuers.includes("http://127.0.0.1:54321/auth/v1"), true);
  assertEquals(readEnv({ ...hosted, PHONELOG_JWT_ISSUER: "https://a, https://b" }).issuers, [
    "https://a",
    "https://b",
  ]);
});

Deno.test("Links name where clients reach the project, which may also issue tokens", () => {
  for (const name of ["PHONELOG_PUBLIC_URL", "SUPABASE_PUBLIC_URL"]) {
    const env = readEnv({ ...hosted, [name]: "https://api.example.com/" });
    assertEquals(env.public_url, "https://api.example.com");
    assertEquals(env.issuers, ["https://abc.supabase.co/auth/v1", "https://api.example.com/auth/v1"]);
  }
});

Deno.test("OpenAI, or a server like it, is there when its variables are", () => {
  const given = (source: Record<string, string>) => {
    const { openai_api_key, openai_base_url, openai_model, openai_embedding_model } = readEnv({
      ...hosted,
      ...source,
    });
    return [openai_api_key, openai_base_url, openai_model, openai_embedding_model];
  };
  assertEquals(given({}), [undefined, undefined, undefined, undefined]);
  assertEquals(given({ OPENAI_API_KEY: "", OPENAI_BASE_URL: "", OPENAI_EMBEDDING_MODEL: "" }), given({}));
  assertEquals(
    given({
      OPENAI_API_KEY: "sk-x",
      OPENAI_BASE_URL: "http://127.0.0.1:8080/v1/",
      OPENAI_MODEL: "n",
      OPENAI_EMBEDDING_MODEL: "m",
    }),
    ["sk-x", "http://127.0.0.1:8080/v1", "n", "m"],
  );
});

Deno.test("Limits, hops, Redis and the signing key have defaults, or are as said", () => {
  const { rate_limits, trusted_hops, redis_url, signing_key } = readEnv(hosted);
  assertEquals(Object.keys(rate_limits), ["user", "key", "address"]);
  assertEquals([trusted_hops, redis_url, signing_key], [1, undefined, undefined]);
  const given = readEnv({
    ...hosted,
    PHONELOG_RATE_LIMITS: "user=20/3600, key=5/1",
    PHONELOG_TRUSTED_HOPS: "2",
    REDIS_URL: "rediss://:secret@cache.example.test:6380",
    PHONELOG_SIGNING_KEY: JSON.stringify({
      kty: "EC",
      crv: "P-256",
      x: "x",
      y: "y",
      d: "d",
      kid: "1",
      use: "sig",
    }),
  });
  assertEquals(given.rate_limits, {
    user: { limit: 20, window: 3600 },
    key: { limit: 5, window: 1 },
    ...(rate_limits.address && { address: rate_limits.address }),
  });
  assertEquals([given.trusted_hops, given.redis_url], [2, "rediss://:secret@cache.example.test:6380"]);
  assertEquals(given.signing_key, { kty: "EC", crv: "P-256", x: "x", y: "y", d: "d", kid: "1" });
  assertEquals(readEnv({ ...hosted, PHONELOG_RATE_LIMITS: "off" }).rate_limits, {});
});

Deno.test("A missing or malformed variable stops the start and is named", () => {
  for (const name of ["SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_SECRET_KEYS"]) {
    assertThrows(() => readEnv({ ...hosted, [name]: undefined }), Error, name);
  }
  assertThrows(() => readEnv({ ...hosted, SUPABASE_SECRET_KEYS: "{" }), Error, "SUPABASE_SECRET_KEYS");
  assertThrows(
    () => readEnv({ ...hosted, SUPABASE_SECRET_KEYS: '{"default":1}' }),
    Error,
    "SUPABASE_SECRET_KEYS",
  );
  const malformed: [name: string, value: string][] = [
    ["PHONELOG_RATE_LIMITS", "user=0/60"],
    ["PHONELOG_RATE_LIMITS", "user=5"],
    ["PHONELOG_RATE_LIMITS", "everybody=5/60"],
    ["PHONELOG_TRUSTED_HOPS", "-1"],
    ["PHONELOG_TRUSTED_HOPS", "all"],
    ["REDIS_URL", "cache.example.test:6379"],
    ["PHONELOG_SIGNING_KEY", "x"],
    ["PHONELOG_SIGNING_KEY", '{"kty":"oct","k":"x","kid":"1"}'],
    ["PHONELOG_SIGNING_KEY", '{"kty":"EC","crv":"P-256","x":"x","y":"y","kid":"1"}'],
  ];
  for (const [name, value] of malformed) {
    assertThrows(() => readEnv({ ...hosted, [name]: value }), Error, name);
  }
  assertThrows(() => readEnv({ ...hosted, SUPABASE_JWKS: "x" }), Error, "SUPABASE_JWKS");
  assertThrows(() => readEnv({ ...hosted, OPENAI_BASE_URL: "localhost:8080" }), Error, "OPENAI_BASE_URL");
});

Deno.test("Webhooks need a key that is long enough, and http only where it is asked for", () => {
  const given = (source: Record<string, string>) => {
    const { webhook_key, webhook_http } = readEnv({ ...hosted, ...source });
    return { webhook_key, webhook_http };
  };
  const webhook_key = "0123456789abcdef0123456789abcdef";
  assertEquals(given({}), { webhook_key: undefined, webhook_http: false });
  assertEquals(given({ PHONELOG_WEBHOOK_KEY: webhook_key, PHONELOG_WEBHOOK_HTTP: "1" }), {
    webhook_key,
    webhook_http: true,
  });
  assertEquals(given({ PHONELOG_WEBHOOK_HTTP: "true" }).webhook_http, false);
  assertThrows(() => given({ PHONELOG_WEBHOOK_KEY: "short" }), Error, "PHONELOG_WEBHOOK_KEY");
});

Deno.test("A replica is there when its address is, by the name that the platform takes, too", () => {
  const read = (source: Record<string, string>) => {
    const { read_url, replica_wait_ms } = readEnv({ ...hosted, ...source });
    return [read_url, replica_wait_ms];
  };
  assertEquals(read({}), [undefined, 40]);
  assertEquals(read({ SUPABASE_READ_URL: "https://r/", PHONELOG_READ_URL: "https://x" }), ["https://x", 40]);
  assertEquals(read({ PHONELOG_READ_URL: "http://r/api", PHONELOG_REPLICA_WAIT_MS: "200" }), [
    "http://r/api",
    200,
  ]);
  assertThrows(() => read({ SUPABASE_READ_URL: "postgres://r/db" }), Error, "Cannot read PHONELOG_READ_URL");
  for (const wait of ["0", "-1", "a", "12345"]) {
    assertThrows(
      () => read({ PHONELOG_REPLICA_WAIT_MS: wait }),
      Error,
      "Cannot read PHONELOG_REPLICA_WAIT_MS",
    );
  }
});
