/**
 * The line to the server: one socket, what it hears goes into the state. It signs in again when its token has ended, joins
 * again after every break and mends what the events alone cannot (tornConversations).
 */

import { io, type Socket } from "socket.io-client";
import type { Api } from "./api";
import { Outbox } from "./outbox";
import type { Session } from "./session";
import { lastSeq, reduce, tornConversations, type State, type StateEvent } from "./state";
import type { Store } from "./store";
import type { ClientToServerEvents, Joined, Refused, ServerToClientEvents } from "./wire";

const ANSWER_MS = 10_000;
const MEND_MS = 120;
const PAGE = 60;
const LARGE_PAGE = 200;
const LOGS_KEPT = 6;

/** What happened while the line was down. */
export interface Return {
  arrived: number;
  at: number;
}

export class Connection {
  readonly outbox: Outbox;
  private readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  private readonly opened: string[] = [];
  private readonly busy = new Set<string>();
  private mending: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly state: Store<State>,
    private readonly api: Api,
    private readonly session: Session,
    private readonly returned: Store<Return | null>,
  ) {
    this.socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      reconnectionDelay: 400,
      reconnectionDelayMax: 4000,
      timeout: 10_000,
      auth: (give) => void this.session.token().then((token) => give({ token }), () => give({ token: "" })),
    });
    this.outbox = new Outbox({ get: state.get, dispatch: this.dispatch }, (message) =>
      this.socket.timeout(ANSWER_MS).emitWithAck("message:send", message),
    );
    this.listen();
  }

  readonly dispatch = (event: StateEvent): void => {
    this.state.set(reduce(this.state.get(), event));
    this.mend();
  };

  start(me: string, path: string): void {
    this.socket.io.opts.path = path;
    this.dispatch({ kind: "signedIn", me });
    this.outbox.recall();
    this.socket.connect();
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  stop(): void {
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.socket.disconnect();
    this.dispatch({ kind: "line", line: "signedOut" });
  }

  /** Holds a conversation's log from now on: its newest page, then everything that happens. Throws a Problem. */
  async open(id: string): Promise<void> {
    this.remember(id);
    if (!this.state.get().logs.has(id)) {
      const page = await this.api.history(id, { limit: PAGE });
      this.dispatch({ kind: "page", page, reach: "newest" });
    }
    if (this.state.get().logs.get(id)?.joined === false) await this.join(id).catch(() => undefined);
  }

  async loadOlder(id: string): Promise<void> {
    const first = this.state.get().logs.get(id)?.messages[0]?.seq;
    if (first === undefined || first <= 1) return;
    await this.once(`before ${id}`, async () => {
      const page = await this.api.history(id, { before: first, limit: PAGE });
      this.dispatch({ kind: "page", page, reach: "before" });
    });
  }

  /** Holds the log back to `seq`, so that it can be shown. Throws a Problem. */
  async reach(id: string, seq: number): Promise<void> {
    for (;;) {
      const first = this.state.get().logs.get(id)?.messages[0]?.seq ?? 1;
      if (first <= Math.max(1, seq)) return;
      const page = await this.api.history(id, { before: first, limit: LARGE_PAGE });
      if (page.items.length === 0) return;
      this.dispatch({ kind: "page", page, reach: "before" });
    }
  }

  markRead(conversationId: string, upToSeq: number): void {
    quietly(this.once(`read ${conversationId} ${upToSeq}`, () => this.ask("message:read", { conversationId, upToSeq })));
  }

  typing(conversationId: string, isTyping: boolean): void {
    if (!this.socket.connected) return;
    quietly(this.ask(isTyping ? "typing:start" : "typing:stop", { conversationId }));
  }

  /** Throws the Refused's problem, or an Error when no answer came. */
  stopTurns = (conversationId: string) => this.ask("message:stop", { conversationId });

  async retry(messageId: string): Promise<void> {
    const answer = await this.ask("message:retry", { messageId });
    if (answer.ok) this.dispatch({ kind: "message", message: answer.message, heard: false });
  }

  async loadConversations(query: Record<string, string> = {}): Promise<string | null> {
    const found = await this.api.conversations({ status: "all", limit: "100", ...query });
    this.dispatch({ kind: "conversations", items: found.items });
    return found.nextCursor;
  }

  private readonly hurry = (): void => {
    if (document.visibilityState === "visible" && !this.socket.connected) this.socket.connect();
  };

  private listen(): void {
    const { socket, dispatch } = this;
    socket.on("message:received", (message) => dispatch({ kind: "message", message, heard: true }));
    socket.on("message:updated", ({ message }) => dispatch({ kind: "message", message, heard: true }));
    socket.on("message:delivered", (told) => dispatch({ kind: "receipt", receipt: { ...told, kind: "delivered" } }));
    socket.on("message:read", (told) => dispatch({ kind: "receipt", receipt: { ...told, kind: "read" } }));
    socket.on("typing:indicator", (typing) => dispatch({ kind: "typing", typing }));
    socket.on("presence:changed", (presence) => dispatch({ kind: "presence", presence }));
    socket.on("character:response", (response) => dispatch({ kind: "response", response }));
    socket.on("conversation:updated", (conversation) => dispatch({ kind: "moved", conversation }));
    socket.on("memory:updated", (told) => dispatch({ kind: "remembered", told }));
    socket.on("relationship:updated", (told) => dispatch({ kind: "closer", told }));
    socket.on("connect", () => void this.connected());
    socket.on("disconnect", (reason) => {
      dispatch({ kind: "line", line: "lost" });
      // The server hangs up when a token ends; the library then waits to be told to come back.
      if (reason === "io server disconnect") socket.connect();
    });
    socket.on("connect_error", () => {
      if (this.state.get().line !== "signedOut") dispatch({ kind: "line", line: "lost" });
      if (!socket.active) void this.comeBack();
    });
  }

  /** The server refused the token. Without another one there is nothing to do until the person signs in. */
  private async comeBack(): Promise<void> {
    try {
      await this.session.token(true);
      setTimeout(() => this.socket.connect(), 1000);
    } catch {
      if (this.session.who.get().state === "in") setTimeout(() => void this.comeBack(), 3000);
    }
  }

  private async connected(): Promise<void> {
    const again = this.state.get().line === "lost";
    const before = this.countOthers();
    this.dispatch({ kind: "line", line: "online" });
    for (const id of this.state.get().logs.keys()) await this.join(id).catch(() => undefined);
    void this.outbox.flush();
    await this.loadConversations().catch(() => undefined);
    if (again) this.returned.set({ arrived: Math.max(0, this.countOthers() - before), at: Date.now() });
  }

  /** Messages of others known of: what a return is measured by. */
  private countOthers(): number {
    let count = 0;
    for (const log of this.state.get().logs.values()) {
      count += log.messages.filter((message) => message.senderType !== "user").length;
    }
    return count;
  }

  /**
   * Replies are asked for from their first word (no `turnId`, `offset`): a server that died begins a reply again, and its
   * new words must not be glued to the old ones. One revision more than needed is asked for as well, since its events may
   * have come in part.
   */
  private async join(id: string): Promise<void> {
    const log = this.state.get().logs.get(id);
    if (log === undefined || !this.socket.connected) return;
    await this.once(`join ${id}`, async () => {
      const lastRevision = Math.max(0, log.revision - 1);
      const joined = await this.ask("conversation:join", { conversationId: id, lastSeq: lastSeq(log), lastRevision });
      this.dispatch({ kind: "joined", joined: joined as Joined });
      if ((joined as Joined).more) await this.startOver(id);
    });
  }

  /** So much was missed that reading on from the newest page is better. */
  private async startOver(id: string): Promise<void> {
    this.dispatch({ kind: "closed", conversationId: id });
    await this.open(id);
  }

  private remember(id: string): void {
    const at = this.opened.indexOf(id);
    if (at >= 0) this.opened.splice(at, 1);
    this.opened.unshift(id);
    for (const old of this.opened.splice(LOGS_KEPT)) {
      this.dispatch({ kind: "closed", conversationId: old });
      quietly(this.ask("conversation:leave", { conversationId: old }));
    }
  }

  /** A little later, so that events which overtook one another can still put things right by themselves. */
  private mend(): void {
    if (this.mending !== null || this.state.get().line !== "online") return;
    const torn = tornConversations(this.state.get());
    if (torn.rejoin.length + torn.behind.length + torn.uncounted.length === 0) return;
    this.mending = setTimeout(() => {
      this.mending = null;
      const { rejoin, behind, uncounted } = tornConversations(this.state.get());
      for (const id of rejoin) quietly(this.join(id));
      for (const id of behind) quietly(this.loadNewer(id));
      for (const id of uncounted) quietly(this.recount(id));
    }, MEND_MS);
  }

  private loadNewer(id: string): Promise<void> {
    const log = this.state.get().logs.get(id);
    return this.once(`after ${id}`, async () => {
      const page = await this.api.history(id, { after: log ? lastSeq(log) : 0, limit: 200 });
      this.dispatch({ kind: "page", page, reach: "after" });
    });
  }

  private recount(id: string): Promise<void> {
    return this.once(`count ${id}`, async () => {
      this.dispatch({ kind: "conversations", items: [await this.api.conversation(id)] });
    });
  }

  /** One of a kind at a time. */
  private async once(what: string, work: () => Promise<unknown>): Promise<void> {
    if (this.busy.has(what)) return;
    this.busy.add(what);
    try {
      await work();
    } finally {
      this.busy.delete(what);
    }
  }

  private async ask<N extends keyof ClientToServerEvents>(
    name: N,
    body: Parameters<ClientToServerEvents[N]>[0],
  ): Promise<Exclude<Parameters<Parameters<ClientToServerEvents[N]>[1]>[0], Refused>> {
    const socket = this.socket.timeout(ANSWER_MS) as unknown as { emitWithAck(name: string, body: unknown): Promise<unknown> };
    const answer = (await socket.emitWithAck(name, body)) as { ok: boolean; error?: unknown };
    if (!answer.ok) throw Object.assign(new Error("refused"), { refused: (answer as unknown as Refused).error });
    return answer as never;
  }
}

/** For what is tried again when it is next needed: the banner tells of a lost line, nothing else has to. */
function quietly(work: Promise<unknown>): void {
  work.catch(() => undefined);
}
