import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { X } from "lucide-react";
import { nameOf, useCharacter } from "../characters";
import { useApp } from "../appState";
import type { CharacterView, ConversationView } from "../wire";
import { accentStyle } from "../ui/accent";
import { IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { useMedia } from "../ui/useMedia";
import { Bond } from "./Bond";
import { Facts } from "./Facts";
import styles from "./MemoryPanel.module.css";

interface Props {
  conversation: ConversationView;
  /** Opened just now by a person, who then goes on inside of it. */
  byHand: boolean;
  onClose: () => void;
}

/** Beside the chat where there is room for both, else over it. */
const ROOM = "(min-width: 68rem)";

/** What a character remembers of the person, and how close they are. */
export function MemoryPanel({ conversation, byHand, onClose }: Props) {
  const [first] = conversation.characterIds;
  const [chosen, setChosen] = useState(first);
  const character = useCharacter(chosen);
  const docked = useMedia(ROOM);
  if (chosen === undefined) return null;
  const choice = conversation.characterIds.length > 1 && (
    <Choice ids={conversation.characterIds} chosen={chosen} onChoose={setChosen} />
  );
  const title = `What ${nameOf(character) || "they"} remember${character === null ? "" : "s"} of you`;
  const content = <Rooms key={chosen} characterId={chosen} character={character ?? null} choice={choice} leave={docked ? () => undefined : onClose} />;
  if (docked) {
    return (
      <Docked title={title} character={character ?? null} byHand={byHand} onClose={onClose}>
        {content}
      </Docked>
    );
  }
  return (
    <Dialog title={title} shape="sheet" className={`tinted ${styles["sheet"]}`} style={accentStyle(character?.accent)} onClose={onClose}>
      {content}
    </Dialog>
  );
}

interface DockedProps {
  title: string;
  character: CharacterView | null;
  byHand: boolean;
  onClose: () => void;
  children: ReactNode;
}

function Docked({ title, character, byHand, onClose, children }: DockedProps) {
  const ref = useRef<HTMLElement>(null);
  const id = useId();
  useEffect(() => {
    if (!byHand) return;
    const before = document.activeElement;
    ref.current?.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, [byHand]);
  const press = (event: KeyboardEvent) => {
    const inDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
    // It empties a search first.
    const clears = event.target instanceof HTMLInputElement && event.target.type === "search" && event.target.value !== "";
    if (event.key === "Escape" && !event.defaultPrevented && !inDialog && !clears) onClose();
  };
  return (
    <aside ref={ref} className={`tinted ${styles["docked"]}`} style={accentStyle(character?.accent)} aria-labelledby={id} onKeyDown={press}>
      <header className={styles["head"]}>
        <h2 id={id}>{title}</h2>
        <IconButton label="Close" onClick={onClose}>
          <X size={20} />
        </IconButton>
      </header>
      {children}
    </aside>
  );
}

const TABS = [
  { id: "facts", name: "Memories" },
  { id: "bond", name: "The two of you" },
] as const;

interface RoomsProps {
  characterId: string;
  character: CharacterView | null;
  choice: ReactNode;
  /** What a link out of the panel does first. */
  leave: () => void;
}

function Rooms({ characterId, character, choice, leave }: RoomsProps) {
  const { line } = useApp();
  const [shown, setShown] = useState<(typeof TABS)[number]["id"]>("facts");
  const id = useId();
  useEffect(() => () => line.dispatch({ kind: "looked", characterId }), [line, characterId]);
  const walk = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const other = TABS.find((each) => each.id !== shown)!;
    setShown(other.id);
    document.getElementById(`${id}-${other.id}`)?.focus();
  };
  return (
    <>
      {choice}
      <div className={styles["tabs"]} role="tablist" aria-label="Memory" tabIndex={-1} onKeyDown={walk}>
        {TABS.map((each) => (
          <button
            key={each.id}
            type="button"
            role="tab"
            id={`${id}-${each.id}`}
            aria-selected={shown === each.id}
            aria-controls={`${id}-panel`}
            tabIndex={shown === each.id ? 0 : -1}
            data-first={shown === each.id || undefined}
            onClick={() => setShown(each.id)}
          >
            {each.name}
          </button>
        ))}
      </div>
      <div className={styles["room"]} role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`}>
        {shown === "facts" ? (
          <Facts characterId={characterId} name={nameOf(character)} leave={leave} />
        ) : (
          <Bond characterId={characterId} name={nameOf(character)} />
        )}
      </div>
    </>
  );
}

function Choice({ ids, chosen, onChoose }: { ids: readonly string[]; chosen: string; onChoose: (id: string) => void }) {
  return (
    <label className={styles["choice"]}>
      <span className="unseen">Whose memory</span>
      <select value={chosen} onChange={(event) => onChoose(event.target.value)}>
        {ids.map((id) => (
          <Name key={id} id={id} />
        ))}
      </select>
    </label>
  );
}

function Name({ id }: { id: string }) {
  return <option value={id}>{nameOf(useCharacter(id))}</option>;
}
