import { describe, expect, it } from "vitest";
import { pieces } from "./marked";

describe("a snippet with marks", () => {
  it("counts code points, as the server does", () => {
    expect(pieces("🙂 tea, more tea", [[2, 5], [12, 15]])).toEqual([
      { text: "🙂 ", marked: false },
      { text: "tea", marked: true },
      { text: ", more ", marked: false },
      { text: "tea", marked: true },
    ]);
  });

  it("is one piece without any, and whole whatever the marks say", () => {
    expect(pieces("tea", [])).toEqual([{ text: "tea", marked: false }]);
    expect(pieces("tea", [[0, 99]])).toEqual([{ text: "tea", marked: true }]);
    expect(pieces("green tea", [[0, 5], [3, 9]]).map((each) => each.text).join("")).toBe("green tea");
    expect(pieces("", [[0, 2]])).toEqual([]);
  });
});
