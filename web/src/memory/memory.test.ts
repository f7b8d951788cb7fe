import { describe, expect, it } from "vitest";
import { NOTHING, reduce, type StateEvent } from "../state";
import type { FactView } from "../wire";
import { timeline } from "./timeline";
import { reasons } from "./words";

const fact = (id: string, day: string, more: Partial<FactView> = {}): FactView => ({
  id, characterId: "chr_1", userId: "usr_1", text: id, category: "personal", realm: "real", confidence: 1, importance: 0.5,
  pinned: false, reinforcements: 0, firstMentionedAt: Date.parse(day), lastReinforcedAt: Date.parse(day),
  validFrom: Date.parse(day), validTo: null, supersededBy: null, messageIds: [], edited: false, resting: false,
  ...more,
});

describe("the timeline", () => {
  const told = [
    fact("leeds", "2026-01-10T12:00", { validTo: 1, supersededBy: "york" }),
    fact("york", "2026-03-10T12:00"),
    fact("name", "2025-12-01T12:00", { pinned: true }),
    fact("tea", "2026-03-20T12:00", { category: "preference" }),
  ];

  it("puts first what is pinned, then the newest month", () => {
    const ids = timeline(told, "").map((each) => each.facts.map((one) => one.id));
    expect(ids).toEqual([["name"], ["tea", "york"], ["leeds"]]);
  });

  it("keeps to one kind when asked", () => {
    expect(timeline(told, "preference").flatMap((each) => each.facts.map((one) => one.id))).toEqual(["tea"]);
    expect(timeline(told, "event")).toEqual([]);
  });

  it("does not call a thing always in mind that is over", () => {
    const [only] = timeline([fact("old", "2026-01-10T12:00", { pinned: true, validTo: 1 })], "");
    expect(only?.key).not.toBe("pinned");
  });
});

describe("why something was recalled", () => {
  it("is told in words, the weightiest first, without what spoke against it", () => {
    const told = reasons({ words: 0.5, meaning: 3, words_share: 0.5, recent: -0.5 });
    expect(told.map((each) => each.words)).toEqual(["A similar meaning", "The same words"]);
    expect(told.map((each) => each.share)).toEqual([0.75, 0.25]);
  });

  it("shows a name it does not know as it is", () => {
    expect(reasons({ moonlight: 1 })).toEqual([{ words: "moonlight", share: 1 }]);
    expect(reasons({})).toEqual([]);
  });
});

describe("what is heard of a memory", () => {
  const heard = (learnt: string[], gone: string[] = [], userId = "usr_1"): StateEvent => ({
    kind: "remembered",
    told: { conversationId: "cnv_1", characterId: "chr_1", userId, learnt, changed: [], gone },
  });
  const begin = reduce(NOTHING, { kind: "signedIn", me: "usr_1" });

  it("is marked until it has been looked at", () => {
    const state = [heard(["a"]), heard(["b"], ["a"])].reduce(reduce, begin);
    expect(state.remembered.get("chr_1")).toEqual({ changes: 2, learnt: new Set(["b"]) });
    const seen = reduce(state, { kind: "looked", characterId: "chr_1" });
    expect(seen.remembered.get("chr_1")).toEqual({ changes: 2, learnt: new Set() });
    expect(reduce(seen, { kind: "looked", characterId: "chr_1" })).toBe(seen);
  });

  it("is nobody's business when it is of somebody else", () => {
    expect(reduce(begin, heard(["a"], [], "usr_2"))).toBe(begin);
  });
});
