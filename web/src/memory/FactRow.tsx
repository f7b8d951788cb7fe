import { useState } from "react";
import { CornerDownRight, Eraser, PenLine, Pin } from "lucide-react";
import { useApp } from "../appState";
import { goToMessage } from "../router";
import { dayDate, fullTime } from "../time";
import type { FactView } from "../wire";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { FactEditor } from "./FactEditor";
import { ForgetFact } from "./ForgetFact";
import { REALMS, sentence } from "./words";
import styles from "./Facts.module.css";

interface Props {
  fact: FactView;
  name: string;
  heir: FactView | null;
  isNew: boolean;
  onChanged: () => void;
  onForgotten: () => void;
  onFollow: (factId: string) => void;
  leave: () => void;
}

/** One fact. `heir`: what took its place. */
export function FactRow({ fact, name, heir, isNew, onChanged, onForgotten, onFollow, leave }: Props) {
  const { api, notices } = useApp();
  const [doing, setDoing] = useState<"editing" | "forgetting" | null>(null);
  const over = fact.validTo !== null;
  const change = (pinned: boolean) =>
    void api.changeFact(fact.characterId, fact.id, { pinned }).then(onChanged, (error: unknown) => notices.fail(error));
  if (doing === "editing") {
    return (
      <li className={styles["fact"]}>
        <FactEditor
          label="Put it right"
          begin={fact}
          save={(draft) => api.changeFact(fact.characterId, fact.id, draft)}
          onDone={(changed) => {
            setDoing(null);
            if (changed) onChanged();
          }}
        />
      </li>
    );
  }
  return (
    <li
      id={`fact-${fact.id}`}
      tabIndex={-1}
      className={styles["fact"]}
      data-over={over || undefined}
      data-resting={fact.resting || undefined}
      data-new={isNew || undefined}
    >
      <div className={styles["words"]}>
        <p className={styles["text"]}>
          {isNew && <span className={styles["fresh"]}>New</span>}
          {over ? <s>{sentence(fact.text)}</s> : sentence(fact.text)}
        </p>
        <p className={styles["about"]}>
          {REALMS[fact.realm] && <span className={styles["realm"]}>{REALMS[fact.realm]}</span>}
          <Said fact={fact} leave={leave} />
          {fact.reinforcements > 0 && <span>said {timesInWords(fact.reinforcements + 1)}</span>}
          {fact.resting && !over && <span title="Not in mind any more, until it is said again, pinned or put right">resting</span>}
          {fact.validTo !== null && <span>until {dayDate(fact.validTo, Date.now())}</span>}
        </p>
        {heir && (
          <button type="button" className={styles["heir"]} onClick={() => onFollow(heir.id)}>
            <CornerDownRight size={15} aria-hidden="true" />
            Now: {sentence(heir.text)}
          </button>
        )}
      </div>
      <div className={styles["deeds"]}>
        {!over && (
          <IconButton
            label={fact.pinned ? "Unpin" : "Pin: always in mind"}
            aria-pressed={fact.pinned}
            className={styles["pin"] ?? ""}
            onClick={() => change(!fact.pinned)}
          >
            <Pin size={17} fill={fact.pinned ? "currentColor" : "none"} />
          </IconButton>
        )}
        <Menu
          label={`More about “${sentence(fact.text)}”`}
          choices={[
            { label: "Put it right", icon: <PenLine size={17} />, act: () => setDoing("editing") },
            { label: "Forget", icon: <Eraser size={17} />, act: () => setDoing("forgetting"), bad: true },
          ]}
        />
      </div>
      {doing === "forgetting" && <ForgetFact fact={fact} name={name} onClose={() => setDoing(null)} onForgotten={onForgotten} />}
    </li>
  );
}

/** When it was first said, and the way there. */
function Said({ fact, leave }: { fact: FactView; leave: () => void }) {
  const { api, notices } = useApp();
  const [first] = fact.messageIds;
  const day = dayDate(fact.firstMentionedAt, Date.now());
  const time = (
    <time dateTime={new Date(fact.firstMentionedAt).toISOString()} title={fullTime(fact.firstMentionedAt)}>
      {day}
    </time>
  );
  if (first === undefined) return <span>added by you, {time}</span>;
  const go = async () => {
    try {
      const message = await api.message(first);
      leave();
      goToMessage(message.conversationId, message.seq);
    } catch (error) {
      notices.fail(error);
    }
  };
  return (
    <button type="button" className={styles["source"]} aria-label={`Go to where it was said, ${day}`} onClick={() => void go()}>
      {time}
    </button>
  );
}

const timesInWords = (count: number): string => (count === 2 ? "twice" : `${count} times`);
