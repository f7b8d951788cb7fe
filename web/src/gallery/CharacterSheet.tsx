import { useState } from "react";
import { MessageCircle, PenLine, Trash2 } from "lucide-react";
import { useCharacter } from "../characters";
import { useApp, useAppData } from "../appState";
import { go } from "../router";
import { fits, newestFirst } from "../sidebar/filter";
import { shortWhen } from "../time";
import type { CharacterView } from "../wire";
import { accentStyle } from "../ui/accent";
import { Avatar } from "../ui/Avatar";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Link } from "../ui/Link";
import { Rest, Waiting } from "../ui/Rest";
import { Prose } from "../chat/Prose";
import { filled } from "../chat/macros";
import styles from "./CharacterSheet.module.css";

interface Props {
  id: string;
  onClose: () => void;
}

export function CharacterSheet({ id, onClose }: Props) {
  const character = useCharacter(id);
  return (
    <Dialog
      title={character?.name ?? "Character"}
      shape="sheet"
      className={`tinted ${styles["sheet"]}`}
      style={accentStyle(character?.accent)}
      bare
      onClose={onClose}
    >
      {character === undefined && <Waiting label="Loading" />}
      {character === null && <Rest title="Nobody of that name">They may have been deleted.</Rest>}
      {character && <About character={character} />}
    </Dialog>
  );
}

function About({ character }: { character: CharacterView }) {
  const { name, age, gender, tagline, traits, tags, description, scenario, creatorNotes } = character;
  const told = (text: string) => filled(text, name);
  return (
    <article className={styles["about"]}>
      <div className={styles["hero"]}>
        <Avatar name={name} src={character.avatar} accent={character.accent} size="l" />
        <h3 aria-hidden="true">{name}</h3>
        <p className={styles["facts"]}>{[age, gender].filter(Boolean).join(", ")}</p>
        {tagline && <p className={styles["tagline"]}>{tagline}</p>}
      </div>
      <Deeds character={character} />
      {scenario && (
        <section>
          <h4>Where you meet</h4>
          <Prose text={told(scenario)} />
        </section>
      )}
      {traits.length > 0 && (
        <section>
          <h4>By nature</h4>
          <p>{traits.join(", ")}</p>
        </section>
      )}
      {creatorNotes && (
        <section>
          <h4>Good to know</h4>
          <Prose text={told(creatorNotes)} />
        </section>
      )}
      {tags.length > 0 && <p className={styles["tags"]}>{tags.join(" · ")}</p>}
      <Recent character={character} />
      {description && (
        <details className={styles["whole"]}>
          <summary>Everything about {name}</summary>
          <p className={styles["fine"]}>What the language model is told. Reading it spoils surprises.</p>
          <Prose text={told(description)} />
        </details>
      )}
      <p className={styles["fine"]}>{name} is an AI character. What they say is made up by a language model.</p>
    </article>
  );
}

function Deeds({ character }: { character: CharacterView }) {
  const app = useApp();
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const begin = async () => {
    setBusy(true);
    try {
      const conversation = await app.api.createConversation(character.id);
      app.line.dispatch({ kind: "conversations", items: [conversation] });
      // In place of the sheet: the way back leads to where it was opened.
      go(`/talk/${conversation.id}`, location.pathname.startsWith("/characters/") ? "replace" : "push");
    } catch (error) {
      app.notices.fail(error);
      setBusy(false);
    }
  };
  const remove = async () => {
    try {
      await app.api.deleteCharacter(character.id);
      app.characterStore.drop(character.id);
      app.notices.tell(`${character.name} is gone. Your conversations with them stay.`);
      go("/", "replace");
    } catch (error) {
      app.notices.fail(error);
    }
  };
  return (
    <div className={styles["deeds"]}>
      <Button look="main" className={styles["begin"] ?? ""} busy={busy} onClick={() => void begin()} autoFocus data-first>
        <MessageCircle size={18} aria-hidden="true" />
        Start a conversation
      </Button>
      {character.editable && (
        <Button onClick={() => go(`/characters/${character.id}/edit`)}>
          <PenLine size={17} aria-hidden="true" />
          Edit
        </Button>
      )}
      {character.editable && !character.starter && !asking && (
        <Button look="bare" onClick={() => setAsking(true)} aria-label={`Delete ${character.name}`}>
          <Trash2 size={17} aria-hidden="true" />
        </Button>
      )}
      {asking && (
        <p className={styles["ask"]} role="alert">
          Delete {character.name} for good?
          <Button look="bad" onClick={() => void remove()}>
            Delete
          </Button>
          <Button look="bare" onClick={() => setAsking(false)}>
            Keep
          </Button>
        </p>
      )}
    </div>
  );
}

function Recent({ character }: { character: CharacterView }) {
  const conversations = useAppData((state) => state.conversations);
  const { characterStore } = useApp();
  const wanted = { text: "", status: "all" as const, characterId: character.id };
  const recent = [...conversations.values()]
    .filter((each) => fits(each, wanted, characterStore.known.get().byId))
    .toSorted(newestFirst)
    .slice(0, 5);
  if (recent.length === 0) return null;
  return (
    <section>
      <h4>You have talked</h4>
      <ul className={styles["recent"]}>
        {recent.map((each) => (
          <li key={each.id}>
            <Link to={`/talk/${each.id}`}>
              <span>{each.title || character.name}</span>
              <time>{shortWhen(each.lastMessageAt ?? each.createdAt, Date.now())}</time>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
