import { describe, expect, it } from "vitest";
import type { ReceiptView } from "../wire";
import { isGenuine, signedText } from "./proof";
import { countsInWords } from "./words";

const bare: ReceiptView = {
  id: "rcp_1", userId: "usr_1", what: "fact", targetDigest: "ab", counts: { vectors: 1, facts: 2 }, at: 7, scrubbed: true, signature: "",
};
const base64 = (bytes: ArrayBuffer) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

async function signed() {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const signature = base64(await crypto.subtle.sign("Ed25519", pair.privateKey, new TextEncoder().encode(signedText(bare))));
  return { receipt: { ...bare, signature }, publicKey: base64(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

describe("a receipt", () => {
  it("is signed over its JSON with sorted keys and no spaces", () => {
    expect(signedText({ ...bare, signature: "xyz" })).toBe(
      '{"at":7,"counts":{"facts":2,"vectors":1},"id":"rcp_1","scrubbed":true,"targetDigest":"ab","userId":"usr_1","what":"fact"}',
    );
  });

  it("is genuine as the app signed it, and not when a figure was changed", async () => {
    const proof = await signed();
    expect(await isGenuine(proof)).toBe(true);
    expect(await isGenuine({ ...proof, receipt: { ...proof.receipt, counts: { facts: 3 } } })).toBe(false);
  });

  it("is not called false where it cannot be checked", async () => {
    expect(await isGenuine({ receipt: bare, publicKey: "no key" })).toBe(null);
  });

  it("tells its counts in words", () => {
    expect(countsInWords({ messages: 12, facts: 1, vectors: 0, odd_things: 2 })).toBe("12 messages, 1 memory, 2 odd things");
  });
});
