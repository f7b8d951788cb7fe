import { useState } from "react";
import { Download } from "lucide-react";
import { useApp } from "../appState";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Erase } from "./Erase";
import { Receipts } from "./Receipts";
import { save } from "./save";
import { YourName } from "./YourName";
import styles from "./Leaving.module.css";

/** A name, taking everything along, proofs of what was forgotten, and leaving for good. */
export function YourData({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Your data" shape="sheet" onClose={onClose}>
      <div className={styles["content"]}>
        <YourName />
        <Export />
        <Receipts />
        <Erase />
      </div>
    </Dialog>
  );
}

function Export() {
  const { api, notices } = useApp();
  const [busy, setBusy] = useState(false);
  const take = async () => {
    setBusy(true);
    try {
      save(await api.export(), `everkin-${new Date().toISOString().slice(0, 10)}.zip`);
    } catch (error) {
      notices.fail(error);
    }
    setBusy(false);
  };
  return (
    <section>
      <h3>Take everything along</h3>
      <p>Your conversations, what your characters remember of you, your own characters: a ZIP of plain JSON files.</p>
      <Button look="main" busy={busy} onClick={() => void take()} data-first>
        <Download size={17} aria-hidden="true" />
        {busy ? "Gathering…" : "Download"}
      </Button>
    </section>
  );
}
