import { useEffect, useRef, useState } from "react";
import { useCharacter } from "../characters";
import { useAppData } from "../appState";
import type { MessageView } from "../wire";
import { plainText } from "./plain";

/** Reads finished replies and lines of the house out to those who listen to the page; words still coming are not read. */
export function Announcer({ conversationId }: { conversationId: string }) {
  const messages = useAppData((state) => state.logs.get(conversationId)?.messages);
  const opened = useRef(messages?.at(-1)?.seq ?? 0);
  const [heard, setHeard] = useState<readonly MessageView[]>([]);
  const character = useCharacter(heard.findLast((each) => each.senderType === "character")?.senderId);
  useEffect(() => {
    const fresh = (messages ?? []).filter((each) => each.senderType !== "user" && each.seq > opened.current);
    if (fresh.length === 0) return;
    opened.current = fresh.at(-1)?.seq ?? opened.current;
    setHeard(fresh);
  }, [messages]);
  const said = (each: MessageView) =>
    each.senderType === "system" ? each.content : `${character?.name ?? "They"} said: ${plainText(each.content)}`;
  return (
    <p className="unseen" aria-live="polite" data-announcer>
      {heard.map(said).join(" ")}
    </p>
  );
}
