import { describe, expect, it } from "vitest";
import type { CharacterResponse } from "../wire";
import { putLiveReply, interruptLiveReplies } from "./liveReplies";
import { EMPTY_LOG } from "./log";
import type { Log } from "./types";

function told(phase: "started" | "delta", text?: string, offset?: number): CharacterResponse {
  return { phase, conversationId: "cnv_1", turnId: "trn_1", messageId: "msg_1", characterId: "chr_1", text: text ?? null, offset: offset ?? null };
}

const after = (...steps: CharacterResponse[]): Log => steps.reduce(putLiveReply, EMPTY_LOG);
const live = (log: Log) => log.liveReplies[0]!;

describe("a reply being spoken", () => {
  it("is put together by code points, not by halves of them", () => {
    const log = after(told("started"), told("delta", "ä🙂", 0), told("delta", "👩‍🚀!", 2));
    expect(live(log)).toMatchObject({ text: "ä🙂👩‍🚀!", length: 6, torn: false });
  });

  it("takes what overlaps once", () => {
    const log = after(told("started"), told("delta", "Hello", 0), told("delta", "lo there", 3), told("delta", "Hello", 0));
    expect(live(log).text).toBe("Hello there");
  });

  it("is torn by a gap, and adds nothing over it", () => {
    const log = after(told("started"), told("delta", "Hello", 0), told("delta", "you", 9));
    expect(live(log)).toMatchObject({ text: "Hello", torn: true });
  });

  it("begins anew when it was taken up again", () => {
    const log = after(told("started"), told("delta", "Hello", 0), told("started"), told("delta", "Good ", 0), told("delta", "day", 5));
    expect(live(log).text).toBe("Good day");
  });

  it("goes on where it was after a break, when the server kept it", () => {
    const broken = interruptLiveReplies(after(told("started"), told("delta", "Hello", 0)));
    const log = [told("started"), told("delta", " there", 5)].reduce(putLiveReply, broken);
    expect(live(log).text).toBe("Hello there");
  });
});
