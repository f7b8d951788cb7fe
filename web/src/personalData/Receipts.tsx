import { useEffect, useState } from "react";
import { BadgeCheck, CircleAlert } from "lucide-react";
import { useApp } from "../appState";
import { asProblem, type Problem } from "../problem";
import { fullTime } from "../time";
import type { ReceiptsView } from "../wire";
import { Waiting } from "../ui/Rest";
import { isGenuine, type Proof } from "./proof";
import { countsInWords, WHAT } from "./words";
import styles from "./Leaving.module.css";

export function Receipts() {
  const { api } = useApp();
  const [told, setTold] = useState<ReceiptsView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    api.receipts().then(setTold, (error: unknown) => setProblem(asProblem(error)));
  }, [api]);
  return (
    <section>
      <h3>What was forgotten</h3>
      <p>Each receipt proves that something is gone, without telling what it was. The app signs them; this browser checks.</p>
      {problem && <p role="alert">{problem.sentence}</p>}
      {told === null && problem === null && <Waiting label="Loading receipts" />}
      {told?.items.length === 0 && <p className={styles["none"]}>Nothing has been forgotten so far.</p>}
      {told !== null && told.items.length > 0 && (
        <>
          <ul className={styles["receipts"]} aria-label="Receipts">
            {told.items.map((receipt) => (
              <li key={receipt.id}>
                <Receipt proof={{ receipt, publicKey: told.publicKey }} />
              </li>
            ))}
          </ul>
          <details className={styles["key"]}>
            <summary>Key of this app</summary>
            <code>{told.publicKey}</code>
          </details>
        </>
      )}
    </section>
  );
}

/** One proof, checked. */
export function Receipt({ proof }: { proof: Proof }) {
  const { receipt, publicKey } = proof;
  const [genuine, setGenuine] = useState<boolean | null | undefined>(undefined);
  useEffect(() => {
    void isGenuine({ receipt, publicKey }).then(setGenuine);
  }, [receipt, publicKey]);
  return (
    <>
      <p className={styles["what"]}>
        <b>{WHAT[receipt.what]}</b>
        <time dateTime={new Date(receipt.at).toISOString()}>{fullTime(receipt.at)}</time>
      </p>
      <p>{countsInWords(receipt.counts) || "Nothing else went with it"}.</p>
      {!receipt.scrubbed && <p>The database could not overwrite its old bytes; the log of the server says why.</p>}
      <details>
        <summary className={genuine === false ? styles["forged"] : styles["genuine"]}>
          {genuine === false ? <CircleAlert size={15} aria-hidden="true" /> : <BadgeCheck size={15} aria-hidden="true" />}
          {genuine === undefined ? "Checking…" : CHECKED[String(genuine)]}
        </summary>
        <dl className={styles["fields"]}>
          <dt>Receipt</dt>
          <dd>{receipt.id}</dd>
          <dt>SHA-256 of what it was</dt>
          <dd>{receipt.targetDigest}</dd>
          <dt>Signature (Ed25519)</dt>
          <dd>{receipt.signature}</dd>
        </dl>
      </details>
    </>
  );
}

const CHECKED: Readonly<Record<string, string>> = {
  true: "Signature checked: genuine",
  false: "Not signed by this app",
  null: "This browser cannot check the signature",
};
