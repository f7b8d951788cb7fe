import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { LogOut, MessageSquareText, Moon, Search, ShieldCheck, Sun, Users } from "lucide-react";
import { useApp, useAppData } from "../appState";
import { useStore } from "../store";
import { toggleTheme, useTheme } from "../theme";
import { searching } from "../search/open";
import { YourData } from "../personalData/YourData";
import { IconButton } from "../ui/Button";
import { Link } from "../ui/Link";
import { Waiting } from "../ui/Rest";
import { Wordmark } from "../shell/Wordmark";
import { ConversationRow } from "./ConversationRow";
import { fits, newestFirst, type Wanted } from "./filter";
import styles from "./Sidebar.module.css";

export function Sidebar({ current }: { current: string | null }) {
  const [wanted, setWanted] = useState<Wanted>({ text: "", status: "active", characterId: "" });
  return (
    <nav className={styles["side"]} data-sidebar aria-label="Conversations">
      <header className={styles["head"]}>
        <Link to="/" className={styles["home"]} aria-label="Everkin: all characters">
          <Wordmark />
        </Link>
        <Tools />
      </header>
      <Link to="/" className={styles["all"]}>
        <Users size={17} aria-hidden="true" />
        All characters
      </Link>
      <button type="button" className={styles["messages"]} aria-keyshortcuts="Control+K Meta+K" onClick={() => searching.set(true)}>
        <MessageSquareText size={17} aria-hidden="true" />
        Search messages
        <kbd aria-hidden="true">{KEYS}</kbd>
      </button>
      <Filter wanted={wanted} onChange={setWanted} />
      <List wanted={wanted} current={current} />
    </nav>
  );
}

const KEYS = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

function Tools() {
  const [data, setData] = useState(false);
  const { session } = useApp();
  const theme = useTheme();
  return (
    <div className={styles["tools"]}>
      <IconButton label={theme === "dark" ? "Light colours" : "Dark colours"} onClick={toggleTheme}>
        {theme === "dark" ? <Sun size={18} /> : <Moon size={18} />}
      </IconButton>
      <IconButton label="Your data" onClick={() => setData(true)}>
        <ShieldCheck size={18} />
      </IconButton>
      {data && <YourData onClose={() => setData(false)} />}
      <IconButton label="Sign out" onClick={() => void session.signOut()}>
        <LogOut size={18} />
      </IconButton>
    </div>
  );
}

function Filter({ wanted, onChange }: { wanted: Wanted; onChange: (wanted: Wanted) => void }) {
  const { characterStore, line } = useApp();
  const known = useStore(characterStore.known, (now) => now);
  const talkedWith = useAppData((state) => state.conversations);
  const characters = useMemo(() => {
    const ids = new Set([...talkedWith.values()].flatMap((each) => each.characterIds));
    return [...ids].flatMap((id) => known.byId.get(id) ?? []).toSorted((a, b) => a.name.localeCompare(b.name));
  }, [known, talkedWith]);
  const text = useDeferredValue(wanted.text);
  useEffect(() => {
    if (text.trim() === "") return;
    const later = setTimeout(() => void line.loadConversations({ q: text.trim() }).catch(() => undefined), 250);
    return () => clearTimeout(later);
  }, [line, text]);
  return (
    <div className={styles["filter"]} role="search">
      <label className={styles["search"]}>
        <Search size={16} aria-hidden="true" />
        <span className="unseen">Find a conversation</span>
        <input
          type="search"
          data-search
          placeholder="Find a conversation"
          value={wanted.text}
          onChange={(event) => onChange({ ...wanted, text: event.target.value })}
          onKeyDown={(event) => event.key === "Escape" && onChange({ ...wanted, text: "" })}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <div className={styles["selects"]}>
        <select
          aria-label="Which conversations"
          value={wanted.status}
          onChange={(event) => onChange({ ...wanted, status: event.target.value as Wanted["status"] })}
        >
          <option value="active">Current</option>
          <option value="archived">Archived</option>
          <option value="all">All</option>
        </select>
        <select
          aria-label="With whom"
          value={wanted.characterId}
          onChange={(event) => onChange({ ...wanted, characterId: event.target.value })}
        >
          <option value="">with everyone</option>
          {characters.map((each) => (
            <option key={each.id} value={each.id}>
              with {each.name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

const STEP = 60;

function List({ wanted, current }: { wanted: Wanted; current: string | null }) {
  const { characterStore, line } = useApp();
  const conversations = useAppData((state) => state.conversations);
  const known = useStore(characterStore.known, (now) => now);
  const [shown, setShown] = useState(STEP);
  const [next, setNext] = useState<string | null>(null);
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    void line.loadConversations().then(setNext, () => undefined).finally(() => setLoaded(true));
  }, [line]);
  const found = useMemo(
    () => [...conversations.values()].filter((each) => fits(each, wanted, known.byId)).toSorted(newestFirst),
    [conversations, wanted, known],
  );
  const more = () => {
    setShown(shown + STEP);
    if (next !== null) void line.loadConversations({ cursor: next }).then(setNext, () => undefined);
  };
  if (!loaded && found.length === 0) return <Waiting label="Loading conversations" />;
  if (found.length === 0) return <p className={styles["none"]}>{nothing(wanted, conversations.size)}</p>;
  return (
    <ul className={styles["list"]}>
      {found.slice(0, shown).map((each) => (
        <ConversationRow key={each.id} conversation={each} isCurrent={each.id === current} />
      ))}
      {(found.length > shown || next !== null) && (
        <li>
          <button type="button" className={styles["more"]} onClick={more}>
            Older conversations
          </button>
        </li>
      )}
    </ul>
  );
}

function nothing(wanted: Wanted, count: number): string {
  if (wanted.text.trim() !== "" || wanted.characterId !== "") return "No conversation like that.";
  if (wanted.status === "archived") return "Nothing is archived.";
  return count === 0 ? "Your conversations will be here." : "No current conversations.";
}
