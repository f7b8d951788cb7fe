import { useState } from "react";
import { RotateCcw } from "lucide-react";
import { useApp } from "../appState";
import { go } from "../router";
import type { CharacterView } from "../wire";
import { Button } from "../ui/Button";
import styles from "./Editor.module.css";

/** The way back for a character that came with Everkin and has been changed since. */
export function Original({ character }: { character: CharacterView }) {
  const { api, characterStore, notices } = useApp();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const restore = async () => {
    setBusy(true);
    try {
      const restored = await api.restoreCharacter(character.id);
      characterStore.put(restored);
      notices.tell(`${restored.name} is as they came with Everkin.`);
      go(`/characters/${restored.slug}`, "replace");
    } catch (error) {
      notices.fail(error);
      setBusy(false);
    }
  };
  return (
    <section className={styles["original"]} aria-label="The original">
      <p>{character.name} came with Everkin and has been changed since. Conversations and memories stay when you go back.</p>
      {asking ? (
        <div role="alert">
          <Button look="main" busy={busy} onClick={() => void restore()}>
            Replace with the original
          </Button>
          <Button look="bare" onClick={() => setAsking(false)}>
            Keep as it is
          </Button>
        </div>
      ) : (
        <Button onClick={() => setAsking(true)}>
          <RotateCcw size={16} aria-hidden="true" />
          Restore the original
        </Button>
      )}
    </section>
  );
}
