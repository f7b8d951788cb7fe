import { MessagesSquare, Users } from "lucide-react";
import { useAppData } from "../appState";
import type { Place } from "../router";
import { unreadOf } from "../state";
import { Link } from "../ui/Link";
import styles from "./TabBar.module.css";

/** On a phone: the two rooms one can stand in. */
export function TabBar({ place }: { place: Place }) {
  const unread = useAppData((state) => {
    let count = 0;
    for (const each of state.conversations.values()) if (each.status === "active") count += unreadOf(state, each);
    return count;
  });
  const talking = place.name === "conversations";
  return (
    <nav className={styles["tabs"]} aria-label="Rooms">
      <Link to="/" aria-current={talking ? undefined : "page"}>
        <Users size={21} aria-hidden="true" />
        Characters
      </Link>
      <Link to="/talk" aria-current={talking ? "page" : undefined}>
        <span className={styles["icon"]}>
          <MessagesSquare size={21} aria-hidden="true" />
          {unread > 0 && <i aria-hidden="true" />}
        </span>
        Conversations
      </Link>
    </nav>
  );
}
