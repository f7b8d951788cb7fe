import { Button } from "../ui/Button";
import { Receipt } from "./Receipts";
import { save } from "./save";
import type { Proof } from "./proof";
import styles from "./Leaving.module.css";

/** After everything was erased: its proof, which nobody else keeps. */
export function Farewell({ proof }: { proof: Proof }) {
  const keep = () => save(new Blob([JSON.stringify(proof, null, 2)], { type: "application/json" }), "everkin-receipt.json");
  return (
    <main className={styles["farewell"]}>
      <div>
        <h1>Everything is erased</h1>
        <p>Nothing here remembers you any more. This is the proof of it; it is kept nowhere else, so take it along if you want it.</p>
        <div className={styles["proof"]}>
          <Receipt proof={proof} />
        </div>
        <p className={styles["deeds"]}>
          <Button look="main" onClick={keep}>
            Save the receipt
          </Button>
          <Button onClick={() => location.assign("/")}>Leave</Button>
        </p>
      </div>
    </main>
  );
}
