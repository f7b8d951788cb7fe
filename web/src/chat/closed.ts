/**
 * A reply that is still coming may have opened *emphasis* or a code block and not yet closed it: closed here, so that it
 * does not stand there as bare marks until the end arrives.
 */
export function closed(text: string): string {
  if (count(text, /^```/gm) % 2 === 1) return `${text}\n\`\`\``;
  const start = text.lastIndexOf("\n\n");
  const last = text.slice(start + 1);
  const body = text.trimEnd();
  if (count(last, /\*\*/g) % 2 === 1) return body.endsWith("*") ? body.replace(/\*+$/, "") : `${body}**`;
  const singles = count(last.replaceAll("**", ""), /\*/g);
  if (singles % 2 === 0) return text;
  return body.endsWith("*") ? body.slice(0, -1) : `${body}*`;
}

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;
