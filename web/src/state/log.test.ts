import { expect, test } from "vitest";
import type { ConversationView, MessageView } from "../wire";
import { EMPTY_LOG, hear, putPage } from "./log";
import type { Page } from "./types";

/** Messages 3 to 5 stand aside: 6 follows 2. */
function message(seq: number, content = `said ${seq}`, revision = seq): MessageView {
  return {
    id: `msg_${seq}`, conversationId: "cnv_1", seq, revision, parentId: `msg_${seq === 6 ? 2 : seq - 1}`, replyTo: null,
    senderType: "user", senderId: "usr_1", type: "text", content, status: "sent", createdAt: seq, clientId: null,
    deliveredAt: null, readAt: null, editedAt: null, deletedAt: null, metadata: {}, turns: [],
  };
}

const page = (...seqs: number[]): Page => ({
  items: seqs.map((seq) => message(seq)),
  more: false,
  conversation: { lastSeq: 9, revision: 9 } as ConversationView,
});
const texts = (log: typeof EMPTY_LOG) => log.messages.map((each) => each.content);

test("an edit changes its own message where others stand aside", () => {
  const log = hear(hear(putPage(undefined, page(1, 2, 6, 7, 8, 9), "newest"), message(6, "better", 10)), message(10));
  expect(texts(log)).toEqual(["said 1", "said 2", "better", "said 7", "said 8", "said 9", "said 10"]);
});

test("pages join where others stand aside between them", () => {
  const later = putPage(putPage(undefined, page(6, 7), "newest"), page(1, 2), "before");
  expect(texts(later)).toEqual(["said 1", "said 2", "said 6", "said 7"]);
  expect(texts(putPage(putPage(undefined, page(1, 2), "newest"), page(6, 7), "after"))).toEqual(texts(later));
});
