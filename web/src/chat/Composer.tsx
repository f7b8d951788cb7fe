import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { ArrowUp, Square } from "lucide-react";
import { useApp, useAppData } from "../appState";
import { keepDraft, keptDraft } from "../kept";
import { useStore } from "../store";
import type { ConversationView } from "../wire";
import { useAutoGrow } from "../ui/Field";
import { lastOwn } from "./rows";
import { useTypingSignal } from "./typing";
import styles from "./Composer.module.css";

const LONGEST = 2000;
const touch = matchMedia("(hover: none) and (pointer: coarse)");

interface Props {
  conversation: ConversationView;
  name: string;
  onEditLast: (messageId: string) => void;
}

export function Composer({ conversation, name, onEditLast }: Props) {
  const app = useApp();
  const { id } = conversation;
  const limit = useStore(app.about, (about) => about?.maxMessageLength ?? LONGEST);
  const [text, setText] = useState(() => keptDraft(id));
  const area = useRef<HTMLTextAreaElement>(null);
  useAutoGrow(area, text);
  const signal = useTypingSignal(id);
  useEffect(() => {
    if (!touch.matches) area.current?.focus();
  }, []);

  const length = text.length > limit * 0.4 ? Array.from(text).length : text.length;
  const tooLong = length > limit;
  const ready = text.trim() !== "" && !tooLong;
  const write = (next: string) => {
    setText(next);
    keepDraft(id, next);
    signal(next !== "");
  };
  const send = () => {
    if (!ready) return;
    app.line.outbox.say(id, text);
    write("");
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !touch.matches) {
      event.preventDefault();
      send();
    }
    const log = app.state.get().logs.get(id);
    const last = event.key === "ArrowUp" && text === "" && log ? lastOwn(log, app.state.get().me) : undefined;
    if (last) {
      event.preventDefault();
      onEditLast(last.id);
    }
  };

  return (
    <form
      className={styles["place"]}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles["box"]}>
        <textarea
          ref={area}
          rows={1}
          aria-label={`Write to ${name}`}
          placeholder={`Write to ${name}…`}
          value={text}
          aria-invalid={tooLong || undefined}
          enterKeyHint="send"
          onChange={(event) => write(event.target.value)}
          onKeyDown={press}
          onBlur={() => signal(false)}
        />
        {length > limit * 0.8 && (
          <span className={`${styles["count"]} ${tooLong ? styles["over"] : ""}`} role="status">
            {tooLong ? `${length - limit} too many` : limit - length}
          </span>
        )}
        <Stop conversationId={id} />
        <button type="submit" className={styles["send"]} disabled={!ready} aria-label="Send" title="Send">
          <ArrowUp size={20} strokeWidth={2.4} />
        </button>
      </div>
      <p className={styles["hint"]} aria-hidden="true">
        Enter sends, Shift+Enter begins a new line. *Asterisks* tell what you do.
      </p>
    </form>
  );
}

/** While an answer is under way or awaited. */
function Stop({ conversationId }: { conversationId: string }) {
  const { line, notices } = useApp();
  const underway = useAppData((state) => {
    const log = state.logs.get(conversationId);
    return log !== undefined && (log.liveReplies.length > 0 || log.messages.some(isAwaited));
  });
  if (!underway) return null;
  const stop = () => void line.stopTurns(conversationId).catch((error: unknown) => notices.fail(error));
  return (
    <button type="button" className={styles["stop"]} onClick={stop} aria-label="Stop the reply" title="Stop the reply">
      <Square size={13} fill="currentColor" aria-hidden="true" />
      Stop
    </button>
  );
}

const isAwaited = (message: { turns: { state: string }[] }): boolean =>
  message.turns.some((turn) => turn.state === "pending");
