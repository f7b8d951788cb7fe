/** `{{char}}` and `{{user}}`, as the person reads them: `{{user}} has come` is "you have come". */
export function filled(text: string, character: string): string {
  return text
    .replace(/\{\{char\}\}/gi, () => character)
    .replace(/\{\{user\}\}('s\b|\s+[a-z]+\b)?/gi, (_, after: string | undefined, at: number) => {
      const capital = /(^|[.!?…]["”’]?\s+|\n\s*)$/.test(text.slice(0, at));
      if (after === "'s") return capital ? "Your" : "your";
      return (capital ? "You" : "you") + (after === undefined ? "" : withYou(after));
    });
}

const IRREGULAR: Record<string, string> = { has: "have", is: "are", was: "were", does: "do", goes: "go" };
const NO_VERBS = new Set(["always", "perhaps", "sometimes", "besides", "afterwards", "upstairs", "downstairs", "this", "his", "its", "as", "us"]);

/** A verb in the third person, as it goes with "you". */
function withYou(word: string): string {
  const verb = word.trimStart();
  const space = word.slice(0, word.length - verb.length);
  const irregular = IRREGULAR[verb];
  if (irregular !== undefined) return space + irregular;
  if (NO_VERBS.has(verb) || !/[^s]s$/.test(verb)) return word;
  if (verb.endsWith("ies")) return `${space}${verb.slice(0, -3)}y`;
  return space + verb.replace(/(?<=ch|sh|x|ss|o)es$|s$/, "");
}
