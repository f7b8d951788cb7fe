/** A piece of a line of the house: plain, or something to call or to open. */
export interface Part {
  text: string;
  href: string | null;
}

const SITE = "findahelpline.com";
const LINK = new RegExp(`${SITE.replace(".", "\\.")}|(?<!\\d)\\d(?:[ \\d]{1,14}\\d)(?!\\d)`, "g");

/** Phone numbers and the one site that the house names; nothing else becomes a link. */
export function linked(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), href: null });
    const found = match[0];
    parts.push({ text: found, href: found === SITE ? `https://${SITE}/` : `tel:${found.replaceAll(" ", "")}` });
    from = match.index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), href: null });
  return parts;
}
