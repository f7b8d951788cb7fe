import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastSeq, NOTHING, reduce, tornConversations, unreadOf, type Page, type State, type StateEvent } from "./state";
import { FakeServer, ME, MIRA, TALK } from "./state/server.fake";

const PAGE = 4;

/** One browser on a line that keeps order but may break, repeat itself, and overtake or be overtaken by fetches. */
class Browser {
  state: State = reduce(NOTHING, { kind: "signedIn", me: ME });
  readonly server = new FakeServer((event) => {
    if (this.online) this.line.push(event);
  });
  private online = false;
  private line: StateEvent[] = [];
  private heard: StateEvent[] = [];
  private fetched: Array<{ page: Page; reach: "newest" | "before" | "after" }> = [];
  private sent = 0;

  apply(event: StateEvent): void {
    this.state = reduce(this.state, event);
  }

  connect(): void {
    if (this.online) return;
    this.online = true;
    this.line = [];
    this.heard = [];
    this.apply({ kind: "line", line: "online" });
    this.join();
  }

  join(): void {
    const log = this.state.logs.get(TALK);
    if (log !== undefined) this.server.join(lastSeq(log), Math.max(0, log.revision - 1));
  }

  disconnect(): void {
    this.online = false;
    this.line = [];
    this.heard = [];
    this.apply({ kind: "line", line: "lost" });
  }

  deliver(count: number): void {
    for (const event of this.line.splice(0, count)) {
      this.heard.push(event);
      this.apply(event);
    }
  }

  repeat(pick: number): void {
    const event = this.heard.at(pick % Math.max(1, this.heard.length));
    if (event !== undefined) this.apply(structuredClone(event));
  }

  fetch(reach: "newest" | "before" | "after"): void {
    const log = this.state.logs.get(TALK);
    if (log === undefined && reach !== "newest") return;
    const before = reach === "before" ? (log?.messages[0]?.seq ?? 1) : null;
    const after = reach === "after" && log ? lastSeq(log) : null;
    this.fetched.push({ page: this.server.page(before, after, PAGE), reach });
  }

  arrive(pick: number): void {
    const [answer] = this.fetched.splice(pick % Math.max(1, this.fetched.length), 1);
    if (answer === undefined) return;
    const opened = !this.state.logs.has(TALK);
    this.apply({ kind: "page", ...answer });
    if (!opened) return;
    this.heard = [];
    if (this.online) this.join();
  }

  say(acknowledged: boolean): void {
    this.sent += 1;
    const clientId = `c${this.sent}`;
    const pending = { clientId, conversationId: TALK, content: "", at: 0, problem: null };
    this.apply({ kind: "sending", pending });
    const message = this.server.say(clientId);
    if (acknowledged) this.apply({ kind: "message", message, heard: false });
  }

  /** The server knows the key: the acknowledgement is that of the first time. */
  private resend(clientId: string): void {
    const message = this.server.messages.find((each) => each.clientId === clientId)!;
    this.apply({ kind: "message", message: structuredClone(message), heard: false });
  }

  /** What the connection does when it notices that something is missing, until nothing is. */
  settle(): void {
    this.connect();
    for (const { clientId } of this.state.pending) this.resend(clientId);
    while (this.fetched.length > 0) this.arrive(0);
    this.deliver(Infinity);
    if (!this.state.logs.has(TALK)) {
      this.fetch("newest");
      this.arrive(0);
      this.deliver(Infinity);
    }
    for (let round = 0; round < 100; round += 1) {
      const { rejoin, behind, uncounted } = tornConversations(this.state);
      if (rejoin.length === 0 && behind.length === 0 && uncounted.length === 0) return;
      if (uncounted.length > 0) this.apply({ kind: "conversations", items: [this.server.conversation()] });
      if (behind.length > 0) {
        this.fetch("after");
        this.arrive(0);
      }
      if (rejoin.length > 0) this.join();
      this.deliver(Infinity);
    }
    throw new Error("never whole again");
  }
}

type Step = (browser: Browser) => void;

const pick = fc.nat({ max: 50 });
const reach = fc.constantFrom("newest" as const, "before" as const, "after" as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.boolean().map((ack) => (b: Browser) => b.say(ack)) },
  { weight: 5, arbitrary: fc.constant((b: Browser) => b.server.start()) },
  { weight: 5, arbitrary: fc.constantFrom("Hello ", "ä🙂", "there.", "").map((text) => (b: Browser) => b.server.delta(text)) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom("completed" as const, "stopped" as const, "failed" as const), fc.boolean())
      .map(([phase, first]) => (b: Browser) => b.server.end(phase, first)),
  },
  { weight: 1, arbitrary: pick.map((n) => (b: Browser) => b.server.retry(n)) },
  {
    weight: 2,
    arbitrary: fc.tuple(pick, fc.constantFrom("edit" as const, "delete" as const)).map(([n, how]) => (b: Browser) => b.server.change(n, how)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("delivered" as const, "read" as const), fc.constantFrom(ME, MIRA), pick)
      .map(([kind, by, n]) => (b: Browser) => b.server.receipt(kind, by, n)),
  },
  { weight: 1, arbitrary: pick.map((n) => (b: Browser) => b.server.rename(`title ${n}`)) },
  { weight: 8, arbitrary: fc.nat({ max: 6 }).map((n) => (b: Browser) => b.deliver(n)) },
  { weight: 2, arbitrary: pick.map((n) => (b: Browser) => b.repeat(n)) },
  { weight: 3, arbitrary: reach.map((where) => (b: Browser) => b.fetch(where)) },
  { weight: 3, arbitrary: pick.map((n) => (b: Browser) => b.arrive(n)) },
  { weight: 1, arbitrary: fc.constant((b: Browser) => b.disconnect()) },
  { weight: 2, arbitrary: fc.constant((b: Browser) => b.connect()) },
  {
    weight: 1,
    arbitrary: fc.constant((b: Browser) => {
      b.disconnect();
      b.server.restart();
    }),
  },
);

/** What a person would see of it. */
function seen(state: State) {
  const log = state.logs.get(TALK)!;
  const conversation = state.conversations.get(TALK)!;
  return {
    conversation: { ...conversation, unread: unreadOf(state, conversation), revision: 0 },
    messages: log.messages.map((message) => ({ ...message, revision: 0 })),
    liveReplies: log.liveReplies.map(({ turnId, messageId, characterId, text, length }) => ({ turnId, messageId, characterId, text, length })),
    newest: log.newest,
    pending: state.pending,
  };
}

/** A page opened now, holding as much of the log as `like` does. */
function fresh(server: FakeServer, like: State): State {
  const size = like.logs.get(TALK)!.messages.length;
  let state = reduce(NOTHING, { kind: "signedIn", me: ME });
  state = reduce(state, { kind: "page", page: server.page(null, null, Math.max(1, size)), reach: "newest" });
  const told: StateEvent[] = [];
  const line = server as unknown as { tell: (event: StateEvent) => void };
  const before = line.tell;
  line.tell = (event) => told.push(event);
  server.join(lastSeq(state.logs.get(TALK)!), server.revision);
  line.tell = before;
  return told.reduce(reduce, state);
}

describe("events applied to an old state equal a fresh fetch", () => {
  it("for any story of a conversation, on a line that breaks and repeats", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
        const browser = new Browser();
        for (const each of steps) each(browser);
        browser.settle();
        expect(seen(browser.state)).toEqual(seen(fresh(browser.server, browser.state)));
      }),
      { numRuns: 3000 },
    );
  }, 60_000);
});

describe("who is there", () => {
  const told = (present: string[]): StateEvent => ({ kind: "presence", presence: { conversationId: TALK, present } });
  const opened = (): State => {
    const page = new FakeServer(() => undefined).page(null, null, 1);
    return reduce(reduce(NOTHING, { kind: "signedIn", me: ME }), { kind: "page", page, reach: "newest" });
  };

  it("is what was told last, and unknown when the line is lost", () => {
    let state = [told([ME]), told([ME, "usr_2"])].reduce(reduce, opened());
    expect(state.logs.get(TALK)!.present).toEqual([ME, "usr_2"]);
    state = reduce(reduce(state, { kind: "line", line: "online" }), { kind: "line", line: "lost" });
    expect(state.logs.get(TALK)!.present).toEqual([]);
  });

  it("is of no interest where no log is held", () => {
    expect(reduce(NOTHING, told([ME]))).toBe(NOTHING);
  });
});
