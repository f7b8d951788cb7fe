/** Sends what the person says, one by one and in order, again and again until each is acknowledged or refused. */

import { freshId } from "./ids";
import { keepOutbox, keptOutbox } from "./kept";
import type { Pending, State, StateEvent } from "./state";
import type { MessageAccepted, Refused, SendMessage } from "./wire";

/** Throws when no answer came; the same message is then sent again. */
export type Send = (message: SendMessage) => Promise<MessageAccepted | Refused>;

export interface Known {
  get: () => State;
  dispatch: (event: StateEvent) => void;
}

const AGAIN_MS = 2000;

export class Outbox {
  private sending = false;

  constructor(
    private readonly known: Known,
    private readonly send: Send,
  ) {}

  /** What was on its way when the page was closed. */
  recall(): void {
    for (const pending of keptOutbox(this.known.get().me)) this.known.dispatch({ kind: "sending", pending });
  }

  say(conversationId: string, content: string): void {
    const pending = { clientId: freshId(), conversationId, content, at: Date.now(), problem: null };
    this.known.dispatch({ kind: "sending", pending });
    this.keep();
    void this.flush();
  }

  again(pending: Pending): void {
    // A refused key may be spent (`key_reused`): the server stored nothing under it, so a fresh one doubles nothing.
    this.withdraw(pending.clientId);
    this.say(pending.conversationId, pending.content);
  }

  withdraw(clientId: string): void {
    this.known.dispatch({ kind: "withdrawn", clientId });
    this.keep();
  }

  /** Safe to call at any time; at the first message that gets no answer it pauses. */
  async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    try {
      for (let next = this.next(); next !== undefined && this.known.get().line === "online"; next = this.next()) {
        const { conversationId, content, clientId } = next;
        const answer = await this.send({ conversationId, content, clientId });
        if (!answer.ok && answer.error.code === "unauthenticated") throw new Error("the token has just ended");
        if (answer.ok) this.known.dispatch({ kind: "message", message: answer.message, heard: false });
        else this.known.dispatch({ kind: "refused", clientId, problem: answer.error });
        this.keep();
      }
    } catch {
      setTimeout(() => void this.flush(), AGAIN_MS);
    } finally {
      this.sending = false;
    }
  }

  private next(): Pending | undefined {
    return this.known.get().pending.find((each) => each.problem === null);
  }

  private keep(): void {
    const { me, pending } = this.known.get();
    keepOutbox(me, pending);
  }
}
