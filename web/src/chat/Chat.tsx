import { useEffect, useState } from "react";
import { nameOf, useCharacter } from "../cast";
import { useHouse, useHouseState } from "../house";
import { asProblem, type Problem } from "../problem";
import { go } from "../router";
import { unreadOf } from "../state";
import type { ConversationView } from "../wire";
import { accentStyle } from "../ui/accent";
import { Button } from "../ui/Button";
import { Rest, Waiting } from "../ui/Rest";
import { restore } from "../sidebar/deeds";
import { Banner } from "./Banner";
import { ChatHeader } from "./ChatHeader";
import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { Announcer } from "./Announcer";
import styles from "./Chat.module.css";

export function Chat({ id }: { id: string }) {
  const { line } = useHouse();
  const held = useHouseState((state) => state.logs.has(id));
  const conversation = useHouseState((state) => state.conversations.get(id));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    line.open(id).then(
      () => setProblem(null),
      (error: unknown) => setProblem(asProblem(error)),
    );
  }, [line, id, attempt]);

  if (conversation?.status === "deleted" || (problem?.status === 404 && !held)) {
    return (
      <Rest title="This conversation is gone" action={<Button onClick={() => go("/", "replace")}>All characters</Button>}>
        It was deleted, or it never was.
      </Rest>
    );
  }
  if (conversation !== undefined && held) return <OpenChat conversation={conversation} />;
  if (problem !== null) {
    return (
      <Rest title="This conversation cannot be opened" action={<Button onClick={() => setAttempt(attempt + 1)}>Try again</Button>}>
        {problem.sentence}
      </Rest>
    );
  }
  return <Waiting label="Opening the conversation" />;
}

function OpenChat({ conversation }: { conversation: ConversationView }) {
  const house = useHouse();
  const character = useCharacter(conversation.characterIds[0]);
  const [editing, setEditing] = useState<string | null>(null);
  const [newFrom] = useState(() => firstUnread(house.state.get(), conversation));
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
      <ChatHeader conversation={conversation} character={character ?? null} name={name} />
      <Banner />
      <MessageList
        conversation={conversation}
        character={character ?? null}
        newFrom={newFrom}
        editing={editing}
        onEdit={setEditing}
      />
      {conversation.status === "archived" ? (
        <p className={styles["archived"]}>
          This conversation is archived.
          <Button onClick={() => void restore(house, conversation.id)}>Restore it</Button>
        </p>
      ) : (
        <Composer conversation={conversation} name={name} onEditLast={setEditing} />
      )}
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
