import { describe, expect, it } from "vitest";
import { linked } from "./links";

describe("a line of the app", () => {
  it("has numbers to call and a site to open", () => {
    const parts = linked("Talk to a person: 0800 111 0 111 / 116 123. In danger call 112. Help: findahelpline.com");
    expect(parts.filter((part) => part.href !== null)).toEqual([
      { text: "0800 111 0 111", href: "tel:08001110111" },
      { text: "116 123", href: "tel:116123" },
      { text: "112", href: "tel:112" },
      { text: "findahelpline.com", href: "https://findahelpline.com/" },
    ]);
  });

  it("is the same text, and nothing else of it becomes a link", () => {
    const text = "javascript:alert(1) https://evil.example 7 <a href='x'>988</a> (call or text)";
    const parts = linked(text);
    expect(parts.map((part) => part.text).join("")).toBe(text);
    expect(parts.filter((part) => part.href !== null).map((part) => part.href)).toEqual(["tel:988"]);
  });
});
