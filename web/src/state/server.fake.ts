/** A small server for state.test.ts: keeps one conversation, tells what happens as the real one does. */

import type { CharacterResponse, ConversationView, MessageView, TurnView } from "../wire";
import type { Page, StateEvent } from "./types";

export const ME = "usr_1";
export const MIRA = "chr_1";
export const TALK = "cnv_1";

interface Speaking {
  turnId: string;
  messageId: string;
  started: boolean;
  text: string;
}

export class FakeServer {
  readonly messages: MessageView[] = [];
  revision = 0;
  title = "";
  private clock = 1000;
  private speaking: Speaking[] = [];
  private turnCount = 0;

  constructor(private readonly tell: (event: StateEvent) => void) {}

  conversation(): ConversationView {
    const unread = this.messages.filter((m) => m.senderId !== ME && m.status !== "read" && m.deletedAt === null).length;
    return {
      id: TALK,
      title: this.title,
      customTitle: this.title !== "",
      status: "active",
      characterIds: [MIRA],
      userIds: [ME],
      lastSeq: this.messages.length,
      headId: this.messages.at(-1)?.id ?? null,
      revision: this.revision,
      messageCount: this.messages.length,
      unread,
      createdAt: 1,
      updatedAt: this.clock,
      lastMessageAt: this.messages.at(-1)?.createdAt ?? null,
      lastMessagePreview: this.messages.at(-1)?.content ?? "",
      metadata: {},
    };
  }

  page(before: number | null, after: number | null, limit: number): Page {
    const all = this.messages.map((message) => structuredClone(message));
    const range = all.filter((m) => (before === null || m.seq < before) && (after === null || m.seq > after));
    const items = after === null ? range.slice(-limit) : range.slice(0, limit);
    return { items, more: range.length > items.length, conversation: this.conversation() };
  }

  join(lastSeq: number, lastRevision: number, limit = 1000): void {
    const changed = this.messages.filter((m) => m.seq > lastSeq || m.revision > lastRevision);
    for (const message of changed.slice(0, limit)) this.tellMessage(message);
    for (const each of this.speaking.filter((one) => one.started)) {
      this.respond(each, { phase: "started" });
      if (each.text !== "") this.respond(each, { phase: "delta", text: each.text, offset: 0 });
    }
    const more = changed.length > limit;
    const conversation = { ...this.conversation(), unread: 0 };
    this.tell({ kind: "joined", joined: { conversation, missed: changed.length, broughtSeq: 0, more, ok: true } });
  }

  say(clientId: string): MessageView {
    this.step();
    const turn = this.newTurn(`msg_${this.messages.length + 1}`, 1);
    const message = this.append({ senderType: "user", senderId: ME, content: `say ${clientId}`, clientId, turns: [turn] });
    this.speaking.push({ turnId: turn.id, messageId: message.id, started: false, text: "" });
    this.tellMessage(message);
    this.tellConversation();
    return structuredClone(message);
  }

  start(): void {
    const next = this.speaking[0];
    if (next === undefined || next.started) return;
    next.started = true;
    this.respond(next, { phase: "started" });
  }

  delta(text: string): void {
    const now = this.speaking[0];
    if (!now?.started) return;
    const offset = Array.from(now.text).length;
    now.text += text;
    this.respond(now, { phase: "delta", text, offset });
  }

  end(phase: "completed" | "stopped" | "failed", replyFirst: boolean): void {
    const now = this.speaking[0];
    if (!now?.started) return;
    this.speaking.shift();
    this.step();
    const asked = this.byId(now.messageId);
    for (const m of this.messages) if (m.seq <= asked.seq && m.senderId === ME) this.markRead(m);
    asked.revision = this.revision;
    const says = phase !== "failed" && (phase === "completed" || now.text !== "");
    const reply = says ? this.append({ senderType: "character", senderId: MIRA, content: now.text, replyTo: asked.id }) : null;
    const turn = asked.turns[0]!;
    turn.state = phase;
    turn.replyId = reply?.id ?? null;
    if (phase === "failed") Object.assign(turn, { errorCode: "model_error", errorSentence: "No.", partial: now.text });
    if (reply && replyFirst) this.tellMessage(reply);
    this.respond(now, { phase, turn: structuredClone(turn), message: reply && structuredClone(reply) });
    if (reply && !replyFirst) this.tellMessage(reply);
    this.tellReceipt("read", MIRA, asked.seq);
    this.tellConversation();
  }

  retry(pick: number): void {
    const asked = this.pick(pick, (m) => m.turns[0]?.state === "failed");
    if (asked === undefined) return;
    this.step();
    const turn = this.newTurn(asked.id, asked.turns[0]!.attempt + 1);
    asked.turns = [turn];
    asked.revision = this.revision;
    this.speaking.push({ turnId: turn.id, messageId: asked.id, started: false, text: "" });
    this.tell({ kind: "message", message: structuredClone(asked), heard: true });
    this.tellConversation();
  }

  change(pick: number, how: "edit" | "delete"): void {
    const message = this.pick(pick, (m) => m.deletedAt === null);
    if (message === undefined) return;
    this.step();
    message.content = how === "edit" ? `${message.content}*` : "";
    if (how === "edit") message.editedAt = this.clock;
    else message.deletedAt = this.clock;
    message.revision = this.revision;
    this.tellMessage(message);
    this.tellConversation();
  }

  receipt(kind: "delivered" | "read", by: string, pick: number): void {
    const upTo = this.messages.length === 0 ? 0 : (pick % this.messages.length) + 1;
    const touched = this.messages.filter((m) => m.seq <= upTo && m.senderId !== by && m.status !== "read" && m.deletedAt === null);
    const fresh = touched.filter((m) => kind === "read" || m.status === "sent");
    if (fresh.length === 0) return;
    this.step();
    for (const m of fresh) {
      if (kind === "read") this.markRead(m);
      else Object.assign(m, { status: "delivered", deliveredAt: this.clock, revision: this.revision });
    }
    this.tellReceipt(kind, by, upTo);
    this.tellConversation();
  }

  rename(title: string): void {
    this.step();
    this.title = title;
    this.tellConversation();
  }

  /** The node dies and comes back: replies under way begin again from their first word. */
  restart(): void {
    for (const each of this.speaking) Object.assign(each, { started: false, text: "" });
  }

  private step(): void {
    this.revision += 1;
    this.clock += 1;
  }

  private newTurn(messageId: string, attempt: number): TurnView {
    this.turnCount += 1;
    const id = `trn_${String(this.turnCount).padStart(6, "0")}`;
    const open = { state: "pending" as const, replyId: null, errorCode: null, errorSentence: null, partial: "" };
    return { id, messageId, characterId: MIRA, attempt, ...open };
  }

  private append(fields: Partial<MessageView>): MessageView {
    const seq = this.messages.length + 1;
    const message: MessageView = {
      id: `msg_${seq}`, conversationId: TALK, seq, revision: this.revision, parentId: null, replyTo: null,
      senderType: "user", senderId: ME, type: "text", content: "", status: "sent", createdAt: this.clock,
      clientId: null, deliveredAt: null, readAt: null, editedAt: null, deletedAt: null, metadata: {}, turns: [],
      ...fields,
    };
    this.messages.push(message);
    return message;
  }

  private markRead(m: MessageView): void {
    if (m.status === "read" || m.deletedAt !== null) return;
    Object.assign(m, { status: "read", readAt: this.clock, revision: this.revision });
    m.deliveredAt ??= this.clock;
  }

  private pick(pick: number, fits: (m: MessageView) => boolean): MessageView | undefined {
    const fitting = this.messages.filter(fits);
    return fitting.length === 0 ? undefined : fitting[pick % fitting.length];
  }

  private byId(id: string): MessageView {
    return this.messages.find((m) => m.id === id)!;
  }

  private tellMessage(message: MessageView): void {
    this.tell({ kind: "message", message: structuredClone(message), heard: true });
  }

  private tellConversation(): void {
    this.tell({ kind: "moved", conversation: { ...this.conversation(), unread: 0 } });
  }

  private tellReceipt(kind: "delivered" | "read", by: string, upToSeq: number): void {
    const receipt = { conversationId: TALK, by, upToSeq, at: this.clock, revision: this.revision, kind };
    this.tell({ kind: "receipt", receipt });
  }

  private respond(turn: Speaking, step: Pick<CharacterResponse, "phase"> & Partial<CharacterResponse>): void {
    const { turnId, messageId } = turn;
    this.tell({ kind: "response", response: { conversationId: TALK, turnId, messageId, characterId: MIRA, ...step } });
  }
}
