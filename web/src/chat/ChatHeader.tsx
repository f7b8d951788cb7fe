import { useState } from "react";
import { BookHeart, ChevronLeft, UserRound } from "lucide-react";
import { useApp, useAppData } from "../appState";
import { goBack } from "../router";
import type { CharacterView, ConversationView } from "../wire";
import { Avatar } from "../ui/Avatar";
import { IconButton } from "../ui/Button";
import { Menu } from "../ui/Menu";
import { CharacterSheet } from "../gallery/CharacterSheet";
import { ModelChip } from "../models/ModelChip";
import { ForgetDialog } from "../sidebar/ForgetDialog";
import { rename, useDeeds } from "../sidebar/deeds";
import { TitleInput } from "../sidebar/TitleInput";
import { Company } from "./Company";
import styles from "./ChatHeader.module.css";

interface Props {
  conversation: ConversationView;
  character: CharacterView | null;
  name: string;
  /** The memory panel is open. */
  remembering: boolean;
  onRemember: () => void;
}

export function ChatHeader({ conversation, character, name, remembering, onRemember }: Props) {
  const app = useApp();
  const [doing, setDoing] = useState<"renaming" | "forgetting" | "meeting" | null>(null);
  const deeds = useDeeds(conversation, { onRename: () => setDoing("renaming"), onForget: () => setDoing("forgetting") });
  const title = conversation.title || name;
  const meet = { label: `About ${name}`, icon: <UserRound size={17} />, act: () => setDoing("meeting") };
  return (
    <header className={styles["head"]}>
      <IconButton label="Back" className={styles["back"] ?? ""} onClick={() => goBack("/talk")}>
        <ChevronLeft size={24} />
      </IconButton>
      <button type="button" className={styles["who"]} onClick={() => setDoing("meeting")} aria-label={`About ${name}`}>
        <Avatar name={name} src={character?.avatar} accent={character?.accent} size="s" />
      </button>
      <div className={styles["words"]}>
        {doing === "renaming" ? (
          <TitleInput
            className={styles["rename"] ?? ""}
            title={title}
            onDone={(next) => {
              setDoing(null);
              if (next !== null) void rename(app, conversation.id, next);
            }}
          />
        ) : (
          <h1 onDoubleClick={() => setDoing("renaming")}>{title}</h1>
        )}
        {title !== name && <p>with {name}</p>}
        <Company conversation={conversation} />
      </div>
      <ModelChip preferred={character?.preferredModel ?? ""} />
      <Memory conversation={conversation} name={name} open={remembering} onToggle={onRemember} />
      <Menu label="More about this conversation" choices={character ? [meet, ...deeds] : deeds} />
      {doing === "forgetting" && <ForgetDialog conversation={conversation} leave onClose={() => setDoing(null)} />}
      {doing === "meeting" && character && <CharacterSheet id={character.id} onClose={() => setDoing(null)} />}
    </header>
  );
}

interface MemoryProps {
  conversation: ConversationView;
  name: string;
  open: boolean;
  onToggle: () => void;
}

/** Marked when something was learnt that nobody has looked at. */
function Memory({ conversation, name, open, onToggle }: MemoryProps) {
  const learnt = useAppData((state) =>
    conversation.characterIds.reduce((sum, id) => sum + (state.remembered.get(id)?.learnt.size ?? 0), 0),
  );
  const label = `What ${name || "they"} remembers of you${learnt > 0 && !open ? `, ${learnt} new` : ""}`;
  return (
    <IconButton label={label} aria-expanded={open} className={styles["memory"] ?? ""} onClick={onToggle}>
      <BookHeart size={20} />
      {learnt > 0 && !open && <i aria-hidden="true" />}
    </IconButton>
  );
}
