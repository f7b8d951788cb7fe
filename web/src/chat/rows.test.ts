import { describe, expect, it } from "vitest";
import type { Log, Pending } from "../state";
import { EMPTY_LOG } from "../state/log";
import type { MessageView, TurnView } from "../wire";
import { comingRows, saidRows, type Row } from "./rows";

const ME = "usr_1";
const MIRA = "chr_1";
const NOON = new Date(2026, 10, 21, 12).getTime();

function message(seq: number, told: Partial<MessageView> = {}): MessageView {
  return {
    id: `msg_${seq}`, conversationId: "cnv_1", seq, revision: seq, parentId: null, replyTo: null, senderType: "user",
    senderId: ME, type: "text", content: `m${seq}`, status: "sent", createdAt: NOON + seq * 1000, clientId: null,
    deliveredAt: null, readAt: null, editedAt: null, deletedAt: null, metadata: {}, turns: [], ...told,
  };
}

function turn(told: Partial<TurnView>): TurnView {
  return {
    id: "trn_1", messageId: "msg_1", characterId: MIRA, state: "pending", attempt: 1, replyId: null, errorCode: null,
    errorSentence: null, partial: "", ...told,
  };
}

const live = {
  turnId: "trn_1", messageId: "msg_1", characterId: MIRA, text: "Yes", length: 3, renewed: false, torn: false,
  untold: false, stalledMs: 0,
};

const reply = (seq: number) => message(seq, { senderType: "character", senderId: MIRA, replyTo: "msg_1" });
const log = (messages: MessageView[], told: Partial<Log> = {}): Log => ({ ...EMPTY_LOG, messages, newest: messages.length, ...told });
const rowsOf = (held: Log, pending: Pending[], me: string, newFrom: number) => [
  ...saidRows(held.messages, newFrom),
  ...comingRows(held, pending, me),
];
const kinds = (rows: Row[]) => rows.map((row) => row.kind);

describe("rows of a chat", () => {
  it("begin with the opening only where the conversation begins", () => {
    expect(kinds(rowsOf(log([message(1)]), [], ME, 0))).toEqual(["opening", "day", "message"]);
    expect(kinds(rowsOf(log([message(8)]), [], ME, 0))).toEqual(["day", "message"]);
  });

  it("part the days", () => {
    const tomorrow = message(2, { createdAt: NOON + 86_400_000 });
    expect(kinds(rowsOf(log([message(1), tomorrow]), [], ME, 0))).toEqual(["opening", "day", "message", "day", "message"]);
  });

  it("mark where the unread begins", () => {
    expect(kinds(rowsOf(log([message(1), message(2)]), [], ME, 2))).toEqual(["opening", "day", "message", "new", "message"]);
  });

  it("show a failure under its message, wherever that is", () => {
    const failed = message(1, { turns: [turn({ state: "failed", partial: "Ye" })] });
    expect(kinds(rowsOf(log([failed, message(2)]), [], ME, 0))).toEqual(["opening", "day", "message", "unanswered", "message"]);
  });

  it("show nothing of a turn stopped after some words: there is a reply", () => {
    const stopped = message(1, { turns: [turn({ state: "stopped", replyId: "msg_2" })] });
    const rows = rowsOf(log([stopped, reply(2)]), [], ME, 0);
    expect(kinds(rows)).toEqual(["opening", "day", "message", "message"]);
    expect(rows.at(-1)).toMatchObject({ stopped: true });
  });

  it("keep a reply's key from its first word to the stored message", () => {
    const asked = message(1, { turns: [turn({})] });
    const waiting = rowsOf(log([asked]), [], ME, 0).at(-1);
    const speaking = rowsOf(log([asked], { liveReplies: [live] }), [], ME, 0).at(-1);
    const stored = rowsOf(log([asked, reply(2)], { liveReplies: [live] }), [], ME, 0);
    expect([waiting?.kind, speaking?.kind, stored.at(-1)?.kind]).toEqual(["waiting", "live", "message"]);
    expect(new Set([waiting?.key, speaking?.key, stored.at(-1)?.key]).size).toBe(1);
    expect(kinds(stored)).toEqual(["opening", "day", "message", "message"]);
  });

  it("keep a message's key from its sending on", () => {
    const pending: Pending = { clientId: "c1", conversationId: "cnv_1", content: "Hi", at: 0, problem: null };
    const sent = rowsOf(log([]), [pending], ME, 0).at(-1);
    const stored = rowsOf(log([message(1, { clientId: "c1" })]), [], ME, 0).at(-1);
    expect(sent?.key).toBe(stored?.key);
  });
});
