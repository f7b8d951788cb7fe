import { describe, expect, it } from "vitest";
import { Outbox, type Send } from "./outbox";
import { NOTHING, reduce, type State, type StateEvent } from "./state";
import { FakeServer, TALK } from "./state/server.fake";

function outbox(send: Send) {
  let state: State = reduce(NOTHING, { kind: "line", line: "online" });
  const known = { get: () => state, dispatch: (event: StateEvent) => void (state = reduce(state, event)) };
  return { box: new Outbox(known, send), known };
}

describe("the outbox", () => {
  it("sends in order, one after another, each with its own key", async () => {
    const server = new FakeServer(() => undefined);
    const keys: string[] = [];
    const { box, known } = outbox((message) => {
      keys.push(message.clientId!);
      return Promise.resolve({ ok: true, duplicate: false, message: server.say(message.clientId!) });
    });
    box.say(TALK, "one");
    box.say(TALK, "two");
    await box.flush();
    await Promise.resolve();
    await box.flush();
    expect(new Set(keys).size).toBe(2);
    expect(known.get().pending).toEqual([]);
  });

  it("keeps what got no answer, and sends it again under the same key", async () => {
    const keys: string[] = [];
    const server = new FakeServer(() => undefined);
    const { box, known } = outbox((message) => {
      keys.push(message.clientId!);
      if (keys.length === 1) return Promise.reject(new Error("no answer"));
      return Promise.resolve({ ok: true, duplicate: true, message: server.say(message.clientId!) });
    });
    box.say(TALK, "one");
    await new Promise((done) => setTimeout(done));
    expect(known.get().pending).toHaveLength(1);
    await box.flush();
    expect(keys[0]).toBe(keys[1]);
    expect(known.get().pending).toEqual([]);
  });

  it("shows why the server refused, and goes on with the next", async () => {
    const error = { code: "too_long", sentence: "Too long.", field: null, limit: 2000, retryAfter: null };
    const { box, known } = outbox((message) => {
      if (message.content === "long") return Promise.resolve({ ok: false, error });
      return Promise.resolve({ ok: true, duplicate: false, message: new FakeServer(() => undefined).say(message.clientId!) });
    });
    box.say(TALK, "long");
    box.say(TALK, "short");
    await new Promise((done) => setTimeout(done));
    expect(known.get().pending).toMatchObject([{ content: "long", problem: { code: "too_long" } }]);
  });
});
