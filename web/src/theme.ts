/** Light or dark: as the system says, until the person chooses; then as they chose, also next time. */

import { Store, useStore } from "./store";

export type Theme = "light" | "dark";

const KEPT_AS = "everkin.theme";
const GROUND: Record<Theme, string> = { light: "#f5f6f0", dark: "#0e1717" };

const system = matchMedia("(prefers-color-scheme: dark)");
const theme = new Store<Theme>(document.documentElement.dataset["theme"] === "dark" ? "dark" : "light");

system.addEventListener("change", () => {
  if (localStorage.getItem(KEPT_AS) === null) show(system.matches ? "dark" : "light");
});
show(theme.get());

export function toggleTheme(): void {
  const next = theme.get() === "dark" ? "light" : "dark";
  if ((next === "dark") === system.matches) localStorage.removeItem(KEPT_AS);
  else localStorage.setItem(KEPT_AS, next);
  show(next);
}

export const useTheme = (): Theme => useStore(theme, (now) => now);

function show(next: Theme): void {
  document.documentElement.dataset["theme"] = next;
  document.querySelector("meta[name=theme-color]")?.setAttribute("content", GROUND[next]);
  theme.set(next);
}
