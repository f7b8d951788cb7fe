/** `{{char}}` and `{{user}}`, as people should read them. */
export function filled(text: string, character: string, person = "you"): string {
  return text.replace(/\{\{char\}\}/gi, character).replace(/\{\{user\}\}/gi, (_, at: number) => {
    const opensSentence = /(^|[.!?…]\s+|\n\s*)$/.test(text.slice(0, at));
    return opensSentence && person === "you" ? "You" : person;
  });
}
