import { useEffect, useState } from "react";
import { Lightbulb } from "lucide-react";
import { nameOf, useCharacter } from "../characters";
import { useApp } from "../appState";
import { goToMessage } from "../router";
import { asProblem, type Problem } from "../problem";
import { dayDate, fullTime } from "../time";
import type { MessageView, RecollectionView } from "../wire";
import { accentStyle } from "../ui/accent";
import { Dialog } from "../ui/Dialog";
import { MessageLink } from "../ui/MessageLink";
import { Waiting } from "../ui/Rest";
import { plainText } from "../chat/plain";
import { reasons, sentence } from "./words";
import styles from "./Recalled.module.css";

/** On a reply that drew on memory: how much, and a way to see what and why. */
export function Recalled({ message }: { message: MessageView }) {
  const [open, setOpen] = useState(false);
  const recalled = message.metadata["recalled"];
  const count = Array.isArray(recalled) ? recalled.length : 0;
  if (count === 0 || message.deletedAt !== null) return null;
  return (
    <>
      <button type="button" className={styles["open"]} aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <Lightbulb size={14} aria-hidden="true" />
        {count === 1 ? "1 memory" : `${count} memories`}
        <span className="unseen"> in mind for this reply</span>
      </button>
      {open && <Sheet message={message} onClose={() => setOpen(false)} />}
    </>
  );
}

function Sheet({ message, onClose }: { message: MessageView; onClose: () => void }) {
  const { api } = useApp();
  const character = useCharacter(message.senderId);
  const [items, setItems] = useState<readonly RecollectionView[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    api.recalled(message.id).then(
      (found) => setItems(found.items),
      (error: unknown) => setProblem(asProblem(error)),
    );
  }, [api, message.id]);
  return (
    <Dialog
      title={`What ${nameOf(character) || "they"} had in mind`}
      className={`tinted ${styles["sheet"]}`}
      style={accentStyle(character?.accent)}
      onClose={onClose}
    >
      <div className={styles["content"]}>
        <p className={styles["lead"]}>These memories were at hand for this reply, the most fitting first.</p>
        {items === null && problem === null && <Waiting label="Loading" />}
        {problem && <p role="alert">{problem.sentence}</p>}
        <ol>
          {items?.map((item) => (
            <Item key={`${item.kind} ${item.id}`} item={item} characterId={message.senderId} onFollow={onClose} />
          ))}
        </ol>
      </div>
    </Dialog>
  );
}

const KINDS = { fact: "Known of you", message: "Said", summary: "From a summary" } as const;
const REASONS_SHOWN = 4;

interface ItemProps {
  item: RecollectionView;
  /** Who had it in mind. */
  characterId: string;
  onFollow: () => void;
}

function Item({ item, characterId, onFollow }: ItemProps) {
  const why = reasons(item.why).slice(0, REASONS_SHOWN);
  return (
    <li className={styles["item"]}>
      <p className={styles["source"]}>
        {item.kind === "message" && item.speaker ? item.speaker : KINDS[item.kind]}
        {item.at > 0 && (
          <time dateTime={new Date(item.at).toISOString()} title={fullTime(item.at)}>
            {dayDate(item.at, Date.now())}
          </time>
        )}
      </p>
      {item.text === null ? (
        <p className={styles["gone"]}>It has been forgotten since.</p>
      ) : (
        <p className={styles["text"]}>{item.kind === "message" ? plainText(item.text) : sentence(item.text)}</p>
      )}
      {why.length > 0 && (
        <ul className={styles["why"]} aria-label="Why">
          {why.map((each) => (
            <li key={each.words}>
              <span className={styles["share"]} aria-hidden="true">
                <i style={{ width: `${Math.round(each.share * 100)}%` }} />
              </span>
              {each.words}
            </li>
          ))}
        </ul>
      )}
      {item.kind === "fact" && item.text !== null && <Source fact={item} text={item.text} characterId={characterId} onFollow={onFollow} />}
      {item.conversationId !== "" && item.seq > 0 && (
        <MessageLink conversationId={item.conversationId} seq={item.seq} className={styles["go"]} onFollow={onFollow}>
          {item.kind === "summary" ? "Go to that part" : "Go to the message"}
        </MessageLink>
      )}
    </li>
  );
}

interface SourceProps {
  fact: RecollectionView;
  text: string;
  characterId: string;
  onFollow: () => void;
}

const LIKE_IT = 20;

/** The way to the message a fact comes from, which is asked for when somebody wants to go there. */
function Source({ fact, text, characterId, onFollow }: SourceProps) {
  const { api, notices } = useApp();
  const go = async () => {
    try {
      const { items } = await api.facts(characterId, { text, past: true, limit: LIKE_IT });
      const said = items.find((each) => each.id === fact.id)?.messageIds[0];
      if (said === undefined) return notices.tell("Nobody said it in a message that is still there.");
      const message = await api.message(said);
      onFollow();
      goToMessage(message.conversationId, message.seq);
    } catch (error) {
      notices.fail(error);
    }
  };
  return (
    <button type="button" className={styles["go"]} onClick={() => void go()}>
      Go to where it was said
    </button>
  );
}
