/**
 * The sign-in key of an address that Everkin printed (`/#key=…`). It works once. Browsers never send the part behind the `#`,
 * and it leaves the address bar as soon as it is read.
 */

/** Takes the key out of the address; null when there is none. */
export function takeKey(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return key;
}

/** Calls `use` with every key that comes into the address while the page is open. */
export function watchForKeys(use: (key: string) => void): void {
  addEventListener("hashchange", () => {
    const key = takeKey();
    if (key !== null) use(key);
  });
}
