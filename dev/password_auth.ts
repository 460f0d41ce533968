import type { InProcessApp } from "./demo_data.ts";
import { PUBLISHABLE_KEY } from "./lite.ts";

/** A signed-in user. */
export interface UserSession {
  user_id: string;
  email: string;
  /** ES256; goes into `Authorization: Bearer …`. */
  access_token: string;
  refresh_token: string;
}

/** Accounts with e-mail and password. */
export interface PasswordAuth {
  /** Makes an account; e-mail addresses need no confirmation here. */
  signUp(email: string, password: string): Promise<UserSession>;
  signIn(email: string, password: string): Promise<UserSession>;
}

/** Signs up and in over the Auth API of a stack. */
export function createPasswordAuth(fetch: InProcessApp["fetch"]): PasswordAuth {
  async function post(path: string, email: string, password: string): Promise<UserSession> {
    const answer = await fetch(path, {
      method: "POST",
      headers: { apikey: PUBLISHABLE_KEY, "content-type": "application/json" },
      body: JSON.stringify({ email, password }),
    });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`Cannot sign in ${email}: ${body.msg ?? JSON.stringify(body)}`);
    const { access_token, refresh_token, user } = body;
    return { user_id: user.id, email, access_token, refresh_token };
  }
  return {
    signUp: (email, password) => post("/auth/v1/signup", email, password),
    signIn: (email, password) => post("/auth/v1/token?grant_type=password", email, password),
  };
}
