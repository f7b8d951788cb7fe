import type { CharacterDraft } from "../rest";
import type { CharacterView } from "../wire";

export const ACCENTS = ["#c98a2b", "#db5c3c", "#b0588f", "#4a87db", "#1f9c8f", "#5f9b52", "#7d6bc4", "#8a6f57"];

export const EMPTY: CharacterDraft = {
  name: "",
  age: null,
  gender: "",
  traits: [],
  tagline: "",
  description: "",
  scenario: "",
  firstMessage: "",
  alternateGreetings: [],
  exampleDialogues: [],
  systemPrompt: "",
  postHistoryInstructions: "",
  tags: [],
  creator: "",
  creatorNotes: "",
  avatar: "",
  accent: ACCENTS[4]!,
  voice: "",
  preferredModel: "",
  nsfwPolicy: "block",
  talkativeness: 0.5,
  sampling: { temperature: null, maxTokens: null, topP: null, frequencyPenalty: null, presencePenalty: null },
  lorebook: null,
};

export function draftOf(character: CharacterView): CharacterDraft {
  const draft = { ...EMPTY };
  for (const key of Object.keys(EMPTY) as (keyof CharacterDraft)[]) Object.assign(draft, { [key]: character[key] });
  return draft;
}

/** As it is sent: without empty entries, which a person leaves behind while writing. */
export function tidied(draft: CharacterDraft): CharacterDraft {
  const full = (texts: string[]) => texts.map((text) => text.trim()).filter(Boolean);
  return {
    ...draft,
    name: draft.name.trim(),
    traits: full(draft.traits),
    tags: full(draft.tags),
    alternateGreetings: full(draft.alternateGreetings),
    exampleDialogues: full(draft.exampleDialogues),
  };
}
