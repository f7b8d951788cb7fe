/**
 * Who is signed in here. On the owner's own machine the server hands out tokens by itself (`auth/local`), and nothing is
 * kept; elsewhere a person signs in once and the pair of tokens is kept in localStorage, shared by all tabs.
 */

import { problemOf, unreachable, type Problem } from "./problem";
import type { Tokens, User } from "./rest";
import { Store } from "./store";

const KEPT_AS = "everkin.session";
const DEVICES_KEPT_AS = "everkin.devices";
const MOST_DEVICES = 8;
const EARLY_MS = 30_000;

export type SignedIn = { state: "opening" } | { state: "in"; user: User } | { state: "out" } | { state: "down" };

export class Session {
  readonly who = new Store<SignedIn>({ state: "opening" });
  private tokens: Tokens | null = null;
  private renewing: Promise<Tokens> | null = null;

  async open(): Promise<void> {
    try {
      await this.token();
    } catch (error) {
      this.who.set({ state: (error as Problem).status === 0 ? "down" : "out" });
    }
  }

  /** A token that is good for a while. `renew`: the last one was refused. Throws a Problem when there is none to be had. */
  async token(renew = false): Promise<string> {
    const kept = this.tokens ?? recall();
    if (!renew && kept !== null && kept.expiresAt - Date.now() > EARLY_MS) {
      this.adopt(kept, false);
      return kept.access;
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

  /** Signed in by hand here, so that one may also sign out. */
  isKept(): boolean {
    return recall() !== null;
  }

  private signedIn(login: string, { device, ...tokens }: Tokens): void {
    if (device) keepDevice(login, device);
    this.adopt(tokens, true);
  }

  private async renew(stale: Tokens | null): Promise<Tokens> {
    const kept = recall();
    if (kept !== null && kept.refresh !== stale?.refresh) return this.adopt(kept, false);
    try {
      if (stale !== null) return this.adopt(await ask("refresh", { refresh: stale.refresh }), kept !== null);
    } catch (error) {
      if ((error as Problem).status !== 401) throw error;
    }
    try {
      return this.adopt(await ask("local"), false);
    } catch (error) {
      if ((error as Problem).status !== 0) this.forget();
      throw error;
    }
  }

  private adopt(tokens: Tokens, keep: boolean): Tokens {
    if (keep) localStorage.setItem(KEPT_AS, JSON.stringify(tokens));
    this.tokens = tokens;
    const who = this.who.get();
    if (who.state !== "in" || who.user.id !== tokens.user.id) this.who.set({ state: "in", user: tokens.user });
    return tokens;
  }

  private forget(): void {
    localStorage.removeItem(KEPT_AS);
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
  localStorage.setItem(DEVICES_KEPT_AS, JSON.stringify(Object.fromEntries(kept)));
}

function normalLogin(login: string): string {
  return login.normalize("NFKC").trim().toLowerCase();
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
