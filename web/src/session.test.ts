import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Session } from "./session";
import { takeKey, watchForKeys } from "./signInKey";

const KEPT = "everkin.session";
const USED = "This sign-in key was used before, and each works once.";

/** The few routes of a server that signs in: refresh tokens and keys work once. `asked`: the paths, in order. */
class Server {
  readonly asked: string[] = [];
  readonly keys = new Set<string>();
  readonly refreshes = new Set<string>();
  down = false;
  private count = 0;

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    if (this.down) throw new TypeError("nobody listens");
    const path = address.split("/").at(-1)!;
    const body = JSON.parse(String(init.body)) as Record<string, string>;
    this.asked.push(path);
    const known = path === "local" ? this.keys.delete(body["key"]!) : this.refreshes.delete(body["refresh"]!);
    return known ? Response.json(this.tokens()) : Response.json({ code: "unauthenticated", detail: USED }, { status: 401 });
  };

  tokens() {
    this.count += 1;
    const refresh = `refresh ${this.count}`;
    this.refreshes.add(refresh);
    const user = { id: "usr_1", login: "owner", name: "Friend", role: "owner" };
    return { access: `access ${this.count}`, refresh, expiresAt: Date.now() + 900_000, user };
  }
}

let server: Server;
let kept: Map<string, string>;

beforeEach(() => {
  server = new Server();
  kept = new Map();
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", server.fetch);
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("a session", () => {
  it("begins with the key of the address and goes on without one", async () => {
    server.keys.add("printed");
    const session = new Session();
    await session.open("printed");
    expect(session.who.get().state).toBe("in");

    const reloaded = new Session();
    await reloaded.open();
    expect(reloaded.who.get().state).toBe("in");
    expect(server.asked).toEqual(["local"]);
    expect(kept.get(KEPT)).not.toContain("printed");
  });

  it("says why a key was refused, and asks nobody where there is none", async () => {
    const session = new Session();
    await session.open("used");
    expect(session.who.get()).toEqual({ state: "out", why: USED });
    const without = new Session();
    await without.open();
    expect(without.who.get()).toEqual({ state: "out" });
    expect(server.asked).toEqual(["local"]);
  });

  it("stays as it is when a key comes along, which is not used", async () => {
    kept.set(KEPT, JSON.stringify(server.tokens()));
    server.keys.add("spare");
    const session = new Session();
    await session.open("spare");
    expect(session.who.get().state).toBe("in");
    await session.open("spare");
    expect(server.keys.has("spare")).toBe(true);
  });

  it("takes the key when what is kept is of another Everkin", async () => {
    kept.set(KEPT, JSON.stringify({ ...server.tokens(), refresh: "of another app" }));
    server.keys.add("fresh");
    const session = new Session();
    await session.open("fresh");
    expect(session.who.get().state).toBe("in");
    expect(server.asked).toEqual(["refresh", "local"]);
  });

  it("holds the key while nobody answers", async () => {
    server.keys.add("fresh");
    server.down = true;
    const session = new Session();
    await session.open("fresh");
    expect(session.who.get().state).toBe("down");
    server.down = false;
    await session.open();
    expect(session.who.get().state).toBe("in");
  });

  it("does not sign in again by a key after signing out", async () => {
    server.keys.add("fresh");
    const session = new Session();
    await session.open("fresh");
    await session.signOut();
    await expect(session.token()).rejects.toMatchObject({ status: 401 });
    expect(kept.has(KEPT)).toBe(false);
  });

  it("lasts as long as the tab where the browser keeps nothing", async () => {
    vi.stubGlobal("localStorage", {
      getItem: () => null,
      setItem: () => {
        throw new Error("storage is refused");
      },
      removeItem: () => undefined,
    });
    server.keys.add("fresh");
    const session = new Session();
    await session.open("fresh");
    expect(session.who.get().state).toBe("in");
    expect(await session.token()).toBe("access 1");
  });
});

describe("the key in the address", () => {
  const at = (hash: string) => {
    const replaced: string[] = [];
    vi.stubGlobal("location", { hash, pathname: "/talk/cnv_1", search: "?a=b" });
    vi.stubGlobal("history", { state: null, replaceState: (_: unknown, __: string, to: string) => replaced.push(to) });
    return replaced;
  };

  it("is taken out of it", () => {
    const replaced = at("#key=Ab-_9");
    expect(takeKey()).toBe("Ab-_9");
    expect(replaced).toEqual(["/talk/cnv_1?a=b"]);
  });

  it("leaves other fragments alone", () => {
    const replaced = at("#main");
    expect(takeKey()).toBe(null);
    expect(replaced).toEqual([]);
  });

  it("is taken when it comes later, too", () => {
    at("#key=later");
    const heard = new EventTarget();
    vi.stubGlobal("addEventListener", heard.addEventListener.bind(heard));
    const keys: string[] = [];
    watchForKeys((key) => keys.push(key));
    heard.dispatchEvent(new Event("hashchange"));
    expect(keys).toEqual(["later"]);
  });
});
