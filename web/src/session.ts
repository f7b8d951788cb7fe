/**
 * Who is signed in here. One signs in once, with login and password or with the sign-in key of the address that Everkin
 * printed; the pair of tokens is kept in localStorage, shared by all tabs.
 */

import { asProblem, Problem, problemOf, unreachable } from "./problem";
import type { Tokens, User } from "./rest";
import { Store } from "./store";

const KEPT_AS = "everkin.session";
const DEVICES_KEPT_AS = "everkin.devices";
const MOST_DEVICES = 8;
const EARLY_MS = 30_000;

/** `why`: the sentence with which a sign-in key was refused. */
export type SignedIn =
  | { state: "opening" }
  | { state: "in"; user: User }
  | { state: "out"; why?: string }
  | { state: "down" };

export class Session {
  readonly who = new Store<SignedIn>({ state: "opening" });
  private tokens: Tokens | null = null;
  private renewing: Promise<Tokens> | null = null;
  private opened: Promise<void> = Promise.resolve();
  private key: string | null = null;

  /**
   * Signs in with what this browser keeps, or else with `key`. A key works once: where somebody is signed in already it is
   * dropped unused. Without an answer it is kept for the next call.
   */
  open(key: string | null = null): Promise<void> {
    this.opened = this.opened.then(() => this.enter(key));
    return this.opened;
  }

  private async enter(key: string | null): Promise<void> {
    if (this.who.get().state === "in") return;
    this.key = key ?? this.key;
    const keyed = this.key !== null;
    try {
      // With a key, what is kept has to prove itself: it may be of another Everkin that had this address before.
      await this.token(keyed);
      this.key = null;
    } catch (error) {
      const { status, sentence } = asProblem(error);
      if (status === 0) return this.who.set({ state: "down" });
      this.key = null;
      this.who.set(keyed ? { state: "out", why: sentence } : { state: "out" });
    }
  }

  /** A token that is good for a while. `renew`: the last one was refused. Throws a Problem when there is none to be had. */
  async token(renew = false): Promise<string> {
    const kept = this.tokens ?? recall();
    if (!renew && kept !== null && kept.expiresAt - Date.now() > EARLY_MS) {
      return this.adopt(kept).access;
    }
    this.renewing ??= inTurn(() => this.renew(kept)).finally(() => {
      this.renewing = null;
    });
    return (await this.renewing).access;
  }

  async signIn(login: string, password: string): Promise<void> {
    const device = knownDevices()[normalLogin(login)];
    this.signedIn(login, await ask("login", device === undefined ? { login, password } : { login, password, device }));
  }

  async signUp(login: string, password: string, name: string): Promise<void> {
    this.signedIn(login, await ask("register", { login, password, name }));
  }

  async signOut(): Promise<void> {
    const token = this.tokens?.access;
    this.forget();
    if (token !== undefined) await post("logout", undefined, token).catch(() => undefined);
  }

  private signedIn(login: string, { device, ...tokens }: Tokens): void {
    if (device) keepDevice(login, device);
    this.adopt(keep(tokens));
  }

  private async renew(stale: Tokens | null): Promise<Tokens> {
    const kept = recall();
    if (kept !== null && kept.refresh !== stale?.refresh) return this.adopt(kept);
    try {
      if (stale !== null) return this.adopt(keep(await ask("refresh", { refresh: stale.refresh })));
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
    }
    return this.useKey();
  }

  private async useKey(): Promise<Tokens> {
    try {
      if (this.key === null) throw new Problem(401, { code: "unauthenticated", sentence: "Please sign in." });
      return this.adopt(keep(await ask("local", { key: this.key })));
    } catch (error) {
      if (asProblem(error).status !== 0) this.forget();
      throw error;
    }
  }

  private adopt(tokens: Tokens): Tokens {
    this.tokens = tokens;
    const who = this.who.get();
    if (who.state !== "in" || who.user.id !== tokens.user.id) this.who.set({ state: "in", user: tokens.user });
    return tokens;
  }

  private forget(): void {
    keep(null);
    this.tokens = null;
    this.who.set({ state: "out" });
  }
}

/** A refresh token may be used once only, so tabs take turns (where the browser can: on a secure origin). */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request("everkin.refresh", work) : work();
}

function recall(): Tokens | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT_AS) ?? "null") as Tokens | null;
  } catch {
    return null;
  }
}

/** By login, what makes this browser a known device at the next sign-in; it stays when one signs out. */
function knownDevices(): Record<string, string> {
  try {
    return (JSON.parse(localStorage.getItem(DEVICES_KEPT_AS) ?? "{}") ?? {}) as Record<string, string>;
  } catch {
    return {};
  }
}

function keepDevice(login: string, device: string): void {
  const others = Object.entries(knownDevices()).filter(([known]) => known !== normalLogin(login));
  const kept = [...others, [normalLogin(login), device]].slice(-MOST_DEVICES);
  write(DEVICES_KEPT_AS, Object.fromEntries(kept));
}

function normalLogin(login: string): string {
  return login.normalize("NFKC").trim().toLowerCase();
}

function keep<T extends Tokens | null>(tokens: T): T {
  write(KEPT_AS, tokens);
  return tokens;
}

/** A browser that refuses storage only forgets with the tab. */
function write(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    return;
  }
}

async function ask(path: string, body?: unknown): Promise<Tokens> {
  const response = await post(path, body);
  const tokens = (await response.json()) as Tokens;
  // By the server's clock, which need not be this machine's.
  const ahead = Date.parse(response.headers.get("date") ?? "") - Date.now();
  return { ...tokens, expiresAt: tokens.expiresAt - (Number.isFinite(ahead) ? ahead : 0) };
}

async function post(path: string, body?: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const response = await fetch(`/api/v1/auth/${path}`, {
    method: "POST",
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  return response;
}
