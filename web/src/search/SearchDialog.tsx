import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Search } from "lucide-react";
import { nameOf, useCharacter } from "../characters";
import { useApp, useAppData } from "../appState";
import { goToMessage } from "../router";
import { useStore } from "../store";
import { fullTime, shortWhen } from "../time";
import type { HitView } from "../wire";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { MessageLink } from "../ui/MessageLink";
import { pieces } from "./marked";
import { useHits, type Sought } from "./useHits";
import styles from "./Search.module.css";

/** Over everything that was said. Enter goes to the best one, the arrow keys walk through the list. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const [sought, setSought] = useState<Sought>({ text: "", characterId: "", sender: "", days: 0 });
  const { items, problem, more } = useHits(sought);
  const root = useRef<HTMLDivElement>(null);
  const first = items?.[0]?.message;
  const walk = (event: KeyboardEvent<HTMLElement>) => {
    // Browsers would only empty the field.
    if (event.key === "Escape") {
      event.preventDefault();
      onClose();
    }
    if (event.target instanceof HTMLSelectElement || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const stops = [...(root.current?.querySelectorAll<HTMLElement>("input, a") ?? [])];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    event.preventDefault();
    stops[Math.min(stops.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)))]?.focus();
  };
  return (
    <Dialog title="Search messages" className={styles["dialog"] ?? ""} onClose={onClose}>
      <div ref={root} className={styles["content"]} onKeyDown={walk}>
        <form
          role="search"
          className={styles["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            if (first === undefined || sought.text.trim() === "") return;
            onClose();
            goToMessage(first.conversationId, first.seq);
          }}
        >
          <label className={styles["search"]}>
            <Search size={18} aria-hidden="true" />
            <span className="unseen">Words that were said</span>
            <input
              type="search"
              data-first
              placeholder="Words that were said"
              autoComplete="off"
              value={sought.text}
              onChange={(event) => setSought({ ...sought, text: event.target.value })}
            />
          </label>
          <Filters sought={sought} onChange={setSought} />
        </form>
        <p className={styles["count"]} role="status">
          {items !== null && inWords(items.length, more !== null)}
        </p>
        {problem && <p className={styles["problem"]} role="alert">{problem.sentence}</p>}
        <ul className={styles["hits"]}>
          {items?.map((hit) => (
            <Hit key={hit.message.id} hit={hit} onFollow={onClose} />
          ))}
        </ul>
        {more && (
          <Button look="bare" className={styles["more"] ?? ""} onClick={more}>
            Show more
          </Button>
        )}
        {items === null && !problem && (
          <p className={styles["lead"]}>In all your conversations, archived ones too. The last word may be unfinished.</p>
        )}
      </div>
    </Dialog>
  );
}

const SPANS = [
  { days: 0, name: "at any time" },
  { days: 7, name: "in the last week" },
  { days: 31, name: "in the last month" },
  { days: 366, name: "in the last year" },
];

function Filters({ sought, onChange }: { sought: Sought; onChange: (sought: Sought) => void }) {
  const { characterStore } = useApp();
  const known = useStore(characterStore.known, (now) => now);
  const me = useAppData((state) => state.me);
  const conversations = useAppData((state) => state.conversations);
  const characters = useMemo(() => {
    const ids = new Set([...conversations.values()].flatMap((each) => each.characterIds));
    return [...ids].flatMap((id) => known.byId.get(id) ?? []).toSorted((a, b) => a.name.localeCompare(b.name));
  }, [known, conversations]);
  return (
    <div className={styles["filters"]}>
      <select
        aria-label="In conversations with"
        value={sought.characterId}
        onChange={(event) => onChange({ ...sought, characterId: event.target.value, sender: sought.sender === me ? me : "" })}
      >
        <option value="">with everyone</option>
        {characters.map((each) => (
          <option key={each.id} value={each.id}>
            with {each.name}
          </option>
        ))}
      </select>
      <select aria-label="Said by" value={sought.sender} onChange={(event) => onChange({ ...sought, sender: event.target.value })}>
        <option value="">said by anyone</option>
        <option value={me}>said by you</option>
        {characters
          .filter((each) => sought.characterId === "" || each.id === sought.characterId)
          .map((each) => (
            <option key={each.id} value={each.id}>
              said by {each.name}
            </option>
          ))}
      </select>
      <select aria-label="When" value={sought.days} onChange={(event) => onChange({ ...sought, days: Number(event.target.value) })}>
        {SPANS.map((each) => (
          <option key={each.days} value={each.days}>
            {each.name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Hit({ hit, onFollow }: { hit: HitView; onFollow: () => void }) {
  const { message, conversationTitle, characterIds, snippet, marks } = hit;
  const me = useAppData((state) => state.me);
  const character = useCharacter(characterIds[0]);
  const speaker = useCharacter(message.senderType === "character" ? message.senderId : undefined);
  const who = message.senderId === me ? "You" : nameOf(speaker) || "Somebody";
  return (
    <li>
      <MessageLink conversationId={message.conversationId} seq={message.seq} className={styles["hit"]} onFollow={onFollow}>
        <Avatar name={nameOf(character)} src={character?.avatar} accent={character?.accent} size="s" />
        <span className={styles["words"]}>
          <span className={styles["top"]}>
            <span>
              <b>{who}</b> in {conversationTitle || nameOf(character)}
            </span>
            <time dateTime={new Date(message.createdAt).toISOString()} title={fullTime(message.createdAt)}>
              {shortWhen(message.createdAt, Date.now())}
            </time>
          </span>
          <span className={styles["snippet"]}>
            {pieces(snippet, marks).map((piece, at) => (piece.marked ? <mark key={at}>{piece.text}</mark> : piece.text))}
          </span>
        </span>
      </MessageLink>
    </li>
  );
}

function inWords(count: number, more: boolean): string {
  if (count === 0) return "Nobody said that.";
  if (more) return `The first ${count}`;
  return count === 1 ? "1 message" : `${count} messages`;
}
