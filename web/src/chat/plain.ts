/** A line of a message for narrow places: without the marks of Markdown. */
export function plainText(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/[*_`~]+/g, "")
    .replace(/^\s*(#+|>|[-+])\s+/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}
