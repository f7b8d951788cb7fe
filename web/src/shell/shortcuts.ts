import { useEffect } from "react";
import { searching } from "../search/open";

/**
 * `/` goes to the search of the room, wherever one is on the page: the element with `data-search`. Ctrl+K (or Cmd+K) searches
 * what was said, from anywhere but a dialog.
 */
export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        event.preventDefault();
        if (document.querySelector("dialog[open]") === null) searching.set(true);
        return;
      }
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const shown = [...document.querySelectorAll<HTMLInputElement>("input[data-search]")].filter((each) => each.offsetParent);
      const search = shown.at(-1);
      if (search === undefined) return;
      event.preventDefault();
      search.focus();
      search.select();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
