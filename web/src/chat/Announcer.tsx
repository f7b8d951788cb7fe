import { useEffect, useRef, useState } from "react";
import { useCharacter } from "../cast";
import { useHouseState } from "../house";
import { plainText } from "./plain";

/** Reads finished replies out to those who listen to the page; words still coming are not read. */
export function Announcer({ conversationId }: { conversationId: string }) {
  const last = useHouseState((state) => state.logs.get(conversationId)?.messages.at(-1));
  const opened = useRef(last?.seq ?? 0);
  const [heard, setHeard] = useState<typeof last>(undefined);
  const character = useCharacter(heard?.senderId);
  useEffect(() => {
    if (last?.senderType === "character" && last.seq > opened.current) {
      opened.current = last.seq;
      setHeard(last);
    }
  }, [last]);
  return (
    <p className="unseen" aria-live="polite" data-announcer>
      {heard && `${character?.name ?? "They"} said: ${plainText(heard.content)}`}
    </p>
  );
}
