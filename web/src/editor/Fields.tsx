import type { ReactNode } from "react";
import type { CharacterDraft } from "../rest";
import { TextArea, TextField } from "../ui/Field";
import { AccentField } from "./AccentField";
import { AvatarField } from "./AvatarField";
import { Sampling } from "./Sampling";
import { TextsField } from "./TextsField";
import { WordsField } from "./WordsField";
import styles from "./Editor.module.css";

export interface FieldsProps {
  draft: CharacterDraft;
  set: (change: Partial<CharacterDraft>) => void;
  /** What the server said about this field. */
  problemAt: (field: keyof CharacterDraft) => string | null;
}

interface WhoProps extends FieldsProps {
  portrait: string;
  onPicture: (picture: File) => void;
}

export function WhoFields({ draft, set, problemAt, portrait, onPicture }: WhoProps) {
  return (
    <Group title="Who they are">
      <AvatarField name={draft.name} portrait={portrait} accent={draft.accent} onPicture={onPicture} />
      <AccentField value={draft.accent} onChange={(accent) => set({ accent })} />
      <TextField
        label="Name"
        value={draft.name}
        problem={problemAt("name")}
        maxLength={120}
        required
        onChange={(event) => set({ name: event.target.value })}
      />
      <div className={styles["pair"]}>
        <TextField
          label="Age"
          inputMode="numeric"
          value={draft.age ?? ""}
          problem={problemAt("age")}
          onChange={(event) => set({ age: wholeNumber(event.target.value) })}
        />
        <TextField
          label="Gender"
          value={draft.gender}
          problem={problemAt("gender")}
          onChange={(event) => set({ gender: event.target.value })}
        />
      </div>
      <TextField
        label="In one line"
        help="What makes somebody want to talk with them. It stands under the portrait."
        value={draft.tagline}
        problem={problemAt("tagline")}
        onChange={(event) => set({ tagline: event.target.value })}
      />
      <WordsField
        label="By nature"
        help="Traits: patient, dry-humoured, stubborn in small kindnesses. Enter adds one."
        words={draft.traits}
        problem={problemAt("traits")}
        onChange={(traits) => set({ traits })}
      />
      <WordsField
        label="Tags"
        help="To find them by: fantasy, comfort, mystery."
        words={draft.tags}
        problem={problemAt("tags")}
        onChange={(tags) => set({ tags })}
      />
    </Group>
  );
}

export function StoryFields({ draft, set, problemAt }: FieldsProps) {
  return (
    <Group title="Their story">
      <TextArea
        label="Description"
        help="Where they come from, what they want, what they hide, how they speak. Write {{char}} for their name and {{user}} for whoever talks with them."
        value={draft.description}
        problem={problemAt("description")}
        rows={6}
        onChange={(event) => set({ description: event.target.value })}
      />
      <TextArea
        label="Where you meet"
        help="The scene a conversation begins in."
        value={draft.scenario}
        problem={problemAt("scenario")}
        onChange={(event) => set({ scenario: event.target.value })}
      />
    </Group>
  );
}

export function VoiceFields({ draft, set, problemAt }: FieldsProps) {
  return (
    <Group title="Their voice">
      <TextArea
        label="First message"
        help="The first thing they say. It sets the tone of all that follows; let it invite an answer. What they do stands between *asterisks*."
        value={draft.firstMessage}
        problem={problemAt("firstMessage")}
        rows={4}
        onChange={(event) => set({ firstMessage: event.target.value })}
      />
      <TextsField
        label="Other greetings"
        add="Add a greeting"
        help="Other ways to begin."
        texts={draft.alternateGreetings}
        problem={problemAt("alternateGreetings")}
        onChange={(alternateGreetings) => set({ alternateGreetings })}
      />
      <TextsField
        label="Examples of how they talk"
        add="Add a dialogue"
        help="Lines that begin with {{user}}: and {{char}}:. Nothing teaches a voice better."
        example={"{{user}}: Are you lonely here?\n{{char}}: Ask me in February."}
        texts={draft.exampleDialogues}
        problem={problemAt("exampleDialogues")}
        onChange={(exampleDialogues) => set({ exampleDialogues })}
      />
    </Group>
  );
}

export function CraftFields({ draft, set, problemAt }: FieldsProps) {
  const wrong = (["systemPrompt", "postHistoryInstructions", "preferredModel", "voice", "sampling", "creator"] as const).some(problemAt);
  return (
    <details className={styles["craft"]} open={wrong || undefined}>
      <summary>Fine tuning</summary>
      <div className={styles["group"]}>
        <label className={styles["choice"]}>
          <b>Intimate scenes</b>
          <select value={draft.nsfwPolicy} onChange={(event) => set({ nsfwPolicy: event.target.value as CharacterDraft["nsfwPolicy"] })}>
            <option value="block">are turned down</option>
            <option value="fade">fade to black</option>
            <option value="allow">are allowed, for adults</option>
          </select>
        </label>
        <label className={styles["choice"]}>
          <b>Talkativeness in company</b>
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={draft.talkativeness}
            onChange={(event) => set({ talkativeness: Number(event.target.value) })}
          />
        </label>
        <TextArea
          label="System prompt"
          help="Replaces Everkin's own instructions to the model. Leave it empty unless you know why."
          value={draft.systemPrompt}
          problem={problemAt("systemPrompt")}
          onChange={(event) => set({ systemPrompt: event.target.value })}
        />
        <TextArea
          label="Last instructions"
          help="Put after the conversation, right before the model answers: the strongest place."
          value={draft.postHistoryInstructions}
          problem={problemAt("postHistoryInstructions")}
          onChange={(event) => set({ postHistoryInstructions: event.target.value })}
        />
        <div className={styles["pair"]}>
          <TextField
            label="Language model"
            help="Empty: the one the app uses."
            value={draft.preferredModel}
            problem={problemAt("preferredModel")}
            onChange={(event) => set({ preferredModel: event.target.value })}
          />
          <TextField
            label="Voice"
            help="For speech."
            value={draft.voice}
            problem={problemAt("voice")}
            onChange={(event) => set({ voice: event.target.value })}
          />
        </div>
        <Sampling value={draft.sampling} problem={problemAt("sampling")} onChange={(sampling) => set({ sampling })} />
        <TextField
          label="Made by"
          value={draft.creator}
          problem={problemAt("creator")}
          onChange={(event) => set({ creator: event.target.value })}
        />
        <TextArea
          label="Notes for people"
          help="Shown on their page; the model never sees them."
          value={draft.creatorNotes}
          problem={problemAt("creatorNotes")}
          onChange={(event) => set({ creatorNotes: event.target.value })}
        />
      </div>
    </details>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles["group"]}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** null for nothing; what is no number is sent as it is, for the server to say so. */
function wholeNumber(text: string): number | null {
  const digits = text.replace(/\D/g, "");
  return digits === "" ? null : Number(digits);
}
