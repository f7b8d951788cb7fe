import { useRef, useState } from "react";
import { Plus, Search } from "lucide-react";
import { useApp, useAppData } from "../appState";
import type { FactView } from "../wire";
import { Button } from "../ui/Button";
import { Rest, Waiting } from "../ui/Rest";
import { FactEditor } from "./FactEditor";
import { FactRow } from "./FactRow";
import { timeline } from "./timeline";
import { useFacts } from "./useFacts";
import { CATEGORIES, type Category } from "./words";
import styles from "./Facts.module.css";

const NOTHING_NEW: ReadonlySet<string> = new Set();

interface Props {
  characterId: string;
  name: string;
  leave: () => void;
}

/** The timeline of what a character remembers, to be searched and put right. */
export function Facts({ characterId, name, leave }: Props) {
  const { api } = useApp();
  const [text, setText] = useState("");
  const [only, setOnly] = useState<Category | "">("");
  const [past, setPast] = useState(false);
  const [adding, setAdding] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const learnt = useAppData((state) => state.remembered.get(characterId)?.learnt ?? NOTHING_NEW);
  const { facts, problem, refresh, more } = useFacts(characterId, text, past);
  const stretches = timeline(facts?.items ?? [], only);
  const byId = new Map(facts?.items.map((fact) => [fact.id, fact]));
  const count = stretches.reduce((sum, each) => sum + each.facts.length, 0);
  const untouched = text.trim() === "" && only === "" && !past;

  const follow = (id: string) => {
    const found = document.getElementById(`fact-${id}`);
    found?.scrollIntoView({ block: "center" });
    found?.focus();
  };
  return (
    <>
      <div className={styles["tools"]}>
        <label className={styles["search"]}>
          <Search size={16} aria-hidden="true" />
          <span className="unseen">Search these memories</span>
          <input type="search" placeholder="Search these memories" value={text} onChange={(event) => setText(event.target.value)} />
        </label>
        <div className={styles["kinds"]} role="group" aria-label="Which kind">
          {[{ id: "" as const, name: "All" }, ...CATEGORIES].map((each) => (
            <button key={each.id} type="button" aria-pressed={only === each.id} onClick={() => setOnly(each.id)}>
              {each.name}
            </button>
          ))}
        </div>
        <div className={styles["line"]}>
          <label className={styles["past"]}>
            <input type="checkbox" checked={past} onChange={(event) => setPast(event.target.checked)} />
            What used to be so
          </label>
          <Button look="bare" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            <Plus size={17} aria-hidden="true" />
            Add
          </Button>
        </div>
      </div>
      <div className={styles["list"]} ref={list} tabIndex={-1}>
        {adding && (
          <div className={styles["new"]}>
            <FactEditor
              label={`Something for ${name} to remember`}
              begin={{ text: "", category: only || "personal", pinned: false }}
              save={(draft) => api.addFact(characterId, draft)}
              onDone={(changed) => {
                setAdding(false);
                if (changed) refresh();
              }}
            />
          </div>
        )}
        {problem && (
          <p className={styles["problem"]} role="alert">
            {problem.sentence} <Button look="bare" onClick={refresh}>Try again</Button>
          </p>
        )}
        {facts === null && problem === null && <Waiting label="Loading memories" />}
        {facts !== null && count === 0 && !adding && <Nothing name={name} untouched={untouched} />}
        {stretches.map((stretch) => (
          <section key={stretch.key} className={styles["stretch"]} aria-label={stretch.title}>
            <h3>{stretch.title}</h3>
            <ul>
              {stretch.facts.map((fact) => (
                <FactRow
                  key={fact.id}
                  fact={fact}
                  name={name}
                  heir={heirOf(fact, byId)}
                  isNew={learnt.has(fact.id)}
                  onChanged={refresh}
                  onForgotten={() => {
                    // The dialog hands the focus back to a row that is about to go.
                    requestAnimationFrame(() => list.current?.focus());
                    refresh();
                  }}
                  onFollow={follow}
                  leave={leave}
                />
              ))}
            </ul>
          </section>
        ))}
        {more && (
          <Button look="bare" className={styles["more"] ?? ""} onClick={more}>
            Older memories
          </Button>
        )}
        <p className="unseen" role="status">
          {facts !== null && (count === 1 ? "1 memory" : `${count} memories`)}
        </p>
      </div>
    </>
  );
}

/** The fact that took its place, as far as it is listed. */
function heirOf(fact: FactView, byId: ReadonlyMap<string, FactView>): FactView | null {
  return fact.supersededBy === null ? null : (byId.get(fact.supersededBy) ?? null);
}

function Nothing({ name, untouched }: { name: string; untouched: boolean }) {
  if (!untouched) return <p className={styles["none"]}>Nothing like that is remembered.</p>;
  return (
    <Rest title="Nothing yet">
      Talk with {name || "them"}, and what matters will gather here: who you are, what you like, the people around you. You can
      correct all of it, or add a first thing yourself.
    </Rest>
  );
}
