import { describe, expect, it } from "vitest";
import { HEIGHT, inWords, lineOf, topOf, WIDTH, xOf } from "./chart";

const day = (level: number) => ({ at: 0, level, trust: level / 2, intimacy: 0 });

describe("the chart of a relationship", () => {
  it("runs from the ground on the left to today on the right", () => {
    expect(lineOf([day(0), day(5), day(10)], "level", 10)).toBe(`M0 ${HEIGHT}L${WIDTH / 2} ${HEIGHT / 2}L${WIDTH} 0`);
    expect(lineOf([], "level", 10)).toBe("");
    expect(xOf(0, 1)).toBe(WIDTH);
  });

  it("has a scale in which young lines can be told apart, and which ends at 100", () => {
    expect(topOf([])).toBe(10);
    expect(topOf([day(4)])).toBe(10);
    expect(topOf([day(30)])).toBe(50);
    expect(topOf([day(100)])).toBe(100);
  });

  it("can be heard", () => {
    expect(inWords([])).toBe("No days yet.");
    expect(inWords([day(2), day(12)])).toBe("Over 2 days: closeness from 2 to 12, trust from 1 to 6, intimacy from 0 to 0, of 100.");
  });
});
