import { useMemo, useState } from "react";
import { Moon, Plus, Search, Sun } from "lucide-react";
import { useApp } from "../appState";
import { goBack } from "../router";
import { useStore } from "../store";
import { toggleTheme, useTheme } from "../theme";
import { partOfDay } from "../time";
import type { CharacterView } from "../wire";
import { Button, IconButton } from "../ui/Button";
import { Link } from "../ui/Link";
import { Rest, Waiting } from "../ui/Rest";
import { Wordmark } from "../shell/Wordmark";
import { CharacterCard } from "./CharacterCard";
import { CharacterSheet } from "./CharacterSheet";
import styles from "./Gallery.module.css";

/** `open`: the character whose sheet lies over the gallery. */
export function Gallery({ open }: { open: string | null }) {
  const { characterStore } = useApp();
  const known = useStore(characterStore.known, (now) => now);
  const [text, setText] = useState("");
  const all = useMemo(() => (known.listed ?? []).flatMap((id) => known.byId.get(id) ?? []), [known]);
  const found = useMemo(() => all.filter((each) => isLike(each, text)), [all, text]);
  return (
    <div className={styles["gallery"]}>
      <PhoneBar />
      <header className={styles["head"]}>
        <div>
          <p className={styles["hello"]}>{hello(partOfDay(Date.now()))}</p>
          <h1>Who would you like to talk with?</h1>
        </div>
        <label className={styles["search"]}>
          <Search size={17} aria-hidden="true" />
          <span className="unseen">Find a character</span>
          <input
            type="search"
            data-search
            placeholder="Name, mood, subject…"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === "Escape" && setText("")}
          />
        </label>
      </header>
      {known.listed === null && known.problem === null && <Waiting label="Loading characters" />}
      {known.problem && (
        <Rest title="The characters are not here" action={<Button onClick={() => void characterStore.load()}>Try again</Button>}>
          {known.problem.sentence}
        </Rest>
      )}
      {known.listed && (
        <ul className={styles["cards"]}>
          {found.map((each) => (
            <CharacterCard key={each.id} character={each} />
          ))}
          {text === "" && <NewCard />}
        </ul>
      )}
      {known.listed && found.length === 0 && text !== "" && (
        <Rest title="Nobody like that yet" action={<Button onClick={() => setText("")}>Show everyone</Button>}>
          You could make them.
        </Rest>
      )}
      {open !== null && <CharacterSheet id={open} onClose={() => goBack("/")} />}
    </div>
  );
}

function PhoneBar() {
  const theme = useTheme();
  return (
    <div className={styles["phoneBar"]}>
      <Wordmark />
      <IconButton label={theme === "dark" ? "Light colours" : "Dark colours"} onClick={toggleTheme}>
        {theme === "dark" ? <Sun size={18} /> : <Moon size={18} />}
      </IconButton>
    </div>
  );
}

function NewCard() {
  return (
    <li className={styles["newCard"]}>
      <Link to="/characters/new">
        <span className={styles["niche"]} aria-hidden="true">
          <Plus size={30} strokeWidth={1.5} />
        </span>
        <strong>Someone of your own</strong>
        <span>Make a character: who they are, how they speak, what they want.</span>
      </Link>
    </li>
  );
}

function isLike(character: CharacterView, text: string): boolean {
  const wanted = text.trim().toLocaleLowerCase();
  const told = [character.name, character.tagline, ...character.tags, ...character.traits].join(" ").toLocaleLowerCase();
  return wanted.split(/\s+/).every((word) => told.includes(word));
}

function hello(part: ReturnType<typeof partOfDay>): string {
  return part === "night" ? "It is late, and the lamp is on." : `Good ${part}.`;
}
