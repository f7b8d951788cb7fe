/** A fresh idempotency key. (`crypto.randomUUID` exists on secure origins only; a house on the local network is none.) */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
