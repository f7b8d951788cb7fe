import { useApp } from "../appState";
import { goBack, usePlace, type Place } from "../router";
import { useStore } from "../store";
import { Button } from "../ui/Button";
import { NoticeBoard } from "../ui/Notices";
import { Rest, Waiting } from "../ui/Rest";
import { Gallery } from "../gallery/Gallery";
import { CharacterEditor } from "../editor/CharacterEditor";
import { Farewell } from "../personalData/Farewell";
import { leaving } from "../personalData/proof";
import { searching } from "../search/open";
import { SearchDialog } from "../search/SearchDialog";
import { Sidebar } from "../sidebar/Sidebar";
import { Chat } from "../chat/Chat";
import styles from "./App.module.css";
import { SignIn } from "./SignIn";
import { TabBar } from "./TabBar";
import { useShortcuts } from "./shortcuts";

export function App() {
  const { session } = useApp();
  const who = useStore(session.who, (now) => now);
  const proof = useStore(leaving, (now) => now);
  if (proof !== null) return <Farewell proof={proof} />;
  if (who.state === "out") return <SignIn key={who.why} why={who.why ?? null} />;
  if (who.state === "opening") return <Waiting label="Opening Everkin" />;
  if (who.state === "down") {
    return (
      <Rest
        title="Nobody answers"
        action={
          <Button look="main" onClick={() => void session.open()}>
            Try again
          </Button>
        }
      >
        Everkin does not seem to be running. Start it with “everkin serve”, then try again.
      </Rest>
    );
  }
  return <Rooms />;
}

function Rooms() {
  const place = usePlace();
  const search = useStore(searching, (now) => now);
  useShortcuts();
  const tabs = place.name === "gallery" || place.name === "character" || place.name === "conversations";
  return (
    <div className={styles["app"]} data-place={place.name}>
      <a className={styles["skip"]} href="#main">
        Skip to the content
      </a>
      <Sidebar current={place.name === "talk" ? place.id : null} />
      <main id="main" className={styles["main"]} tabIndex={-1}>
        <Room place={place} />
      </main>
      {tabs && <TabBar place={place} />}
      {search && <SearchDialog onClose={() => searching.set(false)} />}
      <NoticeBoard />
    </div>
  );
}

function Room({ place }: { place: Place }) {
  switch (place.name) {
    case "gallery":
    case "conversations":
      return <Gallery open={null} />;
    case "character":
      return <Gallery open={place.id} />;
    case "newCharacter":
      return <CharacterEditor key="new" id={null} />;
    case "editCharacter":
      return <CharacterEditor key={place.id} id={place.id} />;
    case "talk":
      return <Chat key={place.id} id={place.id} seq={place.seq} />;
    case "nowhere":
      return (
        <Rest title="There is nothing here" action={<Button onClick={() => goBack("/")}>Back</Button>}>
          The address may be mistyped, or what was here is gone.
        </Rest>
      );
  }
}
