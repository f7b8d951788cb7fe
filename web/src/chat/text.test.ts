import { describe, expect, it } from "vitest";
import { closed } from "./closed";
import { filled } from "./macros";
import { plainText } from "./plain";

describe("a reply that is still coming", () => {
  it.each([
    ["*She looks up", "*She looks up*"],
    ["*She looks up*", "*She looks up*"],
    ["*She looks up ", "*She looks up*"],
    ["Well. *", "Well. "],
    ["**Listen", "**Listen**"],
    ["One *two*\n\n*three", "One *two*\n\n*three*"],
    ["```\nlet x", "```\nlet x\n```"],
    ["2 * 3 * 4", "2 * 3 * 4"],
  ])("%j is shown as %j", (text, shown) => expect(closed(text)).toBe(shown));
});

describe("macros", () => {
  it.each([
    ["It rains. {{user}} has come to {{char}}'s counter.", "It rains. You have come to Mira's counter."],
    ["{{user}} wants to cross.", "You want to cross."],
    ["She receives {{user}} in her flat.", "She receives you in her flat."],
    ["{{User}}'s letters, and {{user}} carries them", "Your letters, and you carry them"],
    ["empty but for {{user}}.", "empty but for you."],
    ["{{user}} always passes.", "You always passes."],
  ])("%j reads %j", (text, read) => expect(filled(text, "Mira")).toBe(read));
});

it("a preview has no marks", () => {
  expect(plainText("*smiles*  **Yes**,\n> see [this](https://e.org)")).toBe("smiles Yes, see this");
});
