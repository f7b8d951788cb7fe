import { useEffect, useState, type FormEvent } from "react";
import { ChevronLeft } from "lucide-react";
import { useCharacter } from "../characters";
import { useApp } from "../appState";
import { asProblem, Problem } from "../problem";
import { go, goBack } from "../router";
import type { CharacterDraft } from "../rest";
import type { CharacterView } from "../wire";
import { accentStyle } from "../ui/accent";
import { Button, IconButton } from "../ui/Button";
import { Rest, Waiting } from "../ui/Rest";
import { draftOf, EMPTY, tidied } from "./draft";
import { CraftFields, StoryFields, VoiceFields, WhoFields, type FieldsProps } from "./Fields";
import { Original } from "./Original";
import { Preview } from "./Preview";
import styles from "./Editor.module.css";

const NAMELESS = new Problem(422, { code: "invalid", field: "name", sentence: "Give them a name." });

/** `id` null: somebody new. */
export function CharacterEditor({ id }: { id: string | null }) {
  const character = useCharacter(id ?? undefined);
  if (id === null) return <Editor character={null} />;
  if (character === undefined) return <Waiting label="Loading" />;
  if (character === null || !character.editable) {
    return (
      <Rest title={character ? `${character.name} is not yours to change` : "Nobody of that name"}>
        You can make a character of your own.
      </Rest>
    );
  }
  return <Editor character={character} />;
}

function Editor({ character }: { character: CharacterView | null }) {
  const { notices } = useApp();
  const [draft, setDraft] = useState<CharacterDraft>(() => (character ? draftOf(character) : EMPTY));
  const [picture, setPicture] = useState<File | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const save = useSave(character);
  const portrait = useObjectUrl(picture) ?? draft.avatar;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (draft.name.trim() === "") return setProblem(NAMELESS);
    setBusy(true);
    setProblem(null);
    try {
      const saved = await save(tidied(draft), picture);
      notices.tell(character ? `${saved.name} is saved.` : `${saved.name} is here.`);
      go(`/characters/${saved.slug}`, "replace");
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };
  const fields: FieldsProps = {
    draft,
    set: (change) => setDraft((now) => ({ ...now, ...change })),
    problemAt: (field) => (problem?.field?.split(".")[0] === field ? problem.sentence : null),
  };
  return (
    <form className={`tinted ${styles["editor"]}`} style={accentStyle(draft.accent)} onSubmit={(event) => void submit(event)} noValidate>
      <header className={styles["bar"]}>
        <IconButton label="Back" onClick={() => goBack("/")}>
          <ChevronLeft size={24} />
        </IconButton>
        <h1>{character ? `Edit ${character.name}` : "Someone of your own"}</h1>
        <Button look="main" type="submit" busy={busy}>
          {character ? "Save" : "Create"}
        </Button>
      </header>
      <div className={styles["columns"]}>
        <div className={styles["fields"]}>
          {problem && (
            <p className={styles["problem"]} role="alert">
              {problem.sentence}
            </p>
          )}
          <WhoFields {...fields} portrait={portrait} onPicture={setPicture} />
          <StoryFields {...fields} />
          <VoiceFields {...fields} />
          <CraftFields {...fields} />
          {character?.restorable && <Original character={character} />}
        </div>
        <Preview draft={draft} portrait={portrait} />
      </div>
    </form>
  );
}

/** The picture is stored once there is a character to store it for; one that is refused leaves the character saved. */
function useSave(character: CharacterView | null) {
  const { api, characterStore } = useApp();
  const [made, setMade] = useState<CharacterView | null>(character);
  return async (draft: CharacterDraft, picture: File | null): Promise<CharacterView> => {
    let saved = made ? await api.updateCharacter(made.id, draft) : await api.createCharacter(draft);
    setMade(saved);
    characterStore.put(saved);
    if (picture !== null) saved = await api.setAvatar(saved.id, picture);
    characterStore.put(saved);
    return saved;
  };
}

function useObjectUrl(file: File | null): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (file === null) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url;
}
