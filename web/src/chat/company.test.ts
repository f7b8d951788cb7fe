import { expect, it } from "vitest";
import { inWords } from "./Company";

it("says who else is there without counting what a person sees at once", () => {
  expect(inWords(0, 1)).toBe("The other person is away");
  expect(inWords(1, 1)).toBe("The other person is here");
  expect(inWords(0, 3)).toBe("Nobody else is here");
  expect(inWords(2, 3)).toBe("2 of 3 others are here");
  expect(inWords(3, 3)).toBe("Everybody is here");
});
