import { useEffect, useState } from "react";
import { nameOf, useCharacter } from "../characters";
import { useApp, useAppData } from "../appState";
import { asProblem, type Problem } from "../problem";
import { go } from "../router";
import { unreadOf } from "../state";
import type { ConversationView } from "../wire";
import { accentStyle } from "../ui/accent";
import { Button } from "../ui/Button";
import { Rest, Waiting } from "../ui/Rest";
import { MemoryPanel } from "../memory/MemoryPanel";
import { restore } from "../sidebar/deeds";
import { useMedia } from "../ui/useMedia";
import { Banner } from "./Banner";
import { ChatHeader } from "./ChatHeader";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { Announcer } from "./Announcer";
import styles from "./Chat.module.css";

/** `seq`: the message that is sought in it. */
export function Chat({ id, seq }: { id: string; seq: number | null }) {
  const { line } = useApp();
  const held = useAppData((state) => state.logs.has(id));
  const conversation = useAppData((state) => state.conversations.get(id));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    line.open(id).then(
      () => setProblem(null),
      (error: unknown) => setProblem(asProblem(error)),
    );
  }, [line, id, attempt]);

  useSought(id, held ? seq : null);

  if (conversation?.status === "deleted" || (problem?.status === 404 && !held)) {
    return (
      <Rest title="This conversation is gone" action={<Button onClick={() => go("/", "replace")}>All characters</Button>}>
        It was deleted, or it never was.
      </Rest>
    );
  }
  if (conversation !== undefined && held) return <OpenChat conversation={conversation} sought={seq} />;
  if (problem !== null) {
    return (
      <Rest title="This conversation cannot be opened" action={<Button onClick={() => setAttempt(attempt + 1)}>Try again</Button>}>
        {problem.sentence}
      </Rest>
    );
  }
  return <Waiting label="Opening the conversation" />;
}

/** What is sought may lie further back than what is held. */
function useSought(id: string, seq: number | null): void {
  const { line, notices, state } = useApp();
  useEffect(() => {
    if (seq === null) return;
    const lost = () => {
      const messages = state.get().logs.get(id)?.messages ?? [];
      return !messages.some((message) => message.seq === seq);
    };
    line.reach(id, seq).then(
      () => lost() && go(`/talk/${id}`, "replace"),
      (error: unknown) => notices.fail(error),
    );
  }, [line, notices, state, id, seq]);
}

/** Left open, the memory panel is open in the next conversation, too. */
let panelLeftOpen = false;

function usePanel() {
  const roomy = useMedia("(min-width: 68rem)");
  const [panel, setPanel] = useState<"closed" | "found" | "opened">(() => (panelLeftOpen && roomy ? "found" : "closed"));
  const turn = (open: boolean) => {
    panelLeftOpen = open;
    setPanel(open ? "opened" : "closed");
  };
  return { panel, turn };
}

function OpenChat({ conversation, sought }: { conversation: ConversationView; sought: number | null }) {
  const app = useApp();
  const character = useCharacter(conversation.characterIds[0]);
  const [editing, setEditing] = useState<string | null>(null);
  const { panel, turn } = usePanel();
  const [newFrom] = useState(() => firstUnread(app.state.get(), conversation));
  const name = nameOf(character);
  useEffect(() => {
    const before = document.title;
    document.title = `${conversation.title || name} · Everkin`;
    return () => {
      document.title = before;
    };
  }, [conversation.title, name]);
  return (
    <div className={`tinted ${styles["chat"]}`} style={accentStyle(character?.accent)}>
      <div className={styles["talk"]}>
        <ChatHeader
          conversation={conversation}
          character={character ?? null}
          name={name}
          remembering={panel !== "closed"}
          onRemember={() => turn(panel === "closed")}
        />
        <Banner />
        <MessageList
          conversation={conversation}
          character={character ?? null}
          newFrom={newFrom}
          sought={sought}
          editing={editing}
          onEdit={setEditing}
        />
        {conversation.status === "archived" ? (
          <p className={styles["archived"]}>
            This conversation is archived.
            <Button onClick={() => void restore(app, conversation.id)}>Restore it</Button>
          </p>
        ) : (
          <Composer conversation={conversation} name={name} onEditLast={setEditing} />
        )}
      </div>
      {panel !== "closed" && <MemoryPanel conversation={conversation} byHand={panel === "opened"} onClose={() => turn(false)} />}
      <Announcer conversationId={conversation.id} />
    </div>
  );
}

function firstUnread(state: Parameters<typeof unreadOf>[0], conversation: ConversationView): number {
  let left = unreadOf(state, conversation);
  const log = state.logs.get(conversation.id);
  // A greeting nobody has seen yet needs no mark: everything is new.
  if (left === 0 || log === undefined || conversation.lastSeq <= 1) return 0;
  for (const message of log.messages.toReversed()) {
    if (message.senderType === "user" || message.deletedAt !== null) continue;
    left -= 1;
    if (left === 0) return message.seq;
  }
  return 0;
}
