/** Receipts: proofs of forgetting, checked here and not only believed. */

import { Store } from "../store";
import type { ReceiptView } from "../wire";

export interface Proof {
  receipt: ReceiptView;
  publicKey: string;
}

/** Set once everything has been erased: the last thing the page shows. */
export const leaving = new Store<Proof | null>(null);

/** What the signature covers. */
export function signedText(receipt: ReceiptView): string {
  const told: Partial<ReceiptView> = { ...receipt };
  delete told.signature;
  return JSON.stringify(sorted(told));
}

/** Null where this browser cannot check: an old one, or one that came over plain http from another machine. */
export async function isGenuine({ receipt, publicKey }: Proof): Promise<boolean | null> {
  try {
    const key = await crypto.subtle.importKey("raw", bytes(publicKey), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, bytes(receipt.signature), new TextEncoder().encode(signedText(receipt)));
  } catch {
    return null;
  }
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]));
}
