import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { memo, useCallback, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useHouse, useHouseState } from "../house";
import { hasOlder, lastSeq, type Log } from "../state";
import type { CharacterView, ConversationView } from "../wire";
import { Dots } from "../ui/Rest";
import { comingRows, saidRows, type Row } from "./rows";
import { RowView, type RowContext } from "./RowView";
import styles from "./MessageList.module.css";

interface Props {
  conversation: ConversationView;
  character: CharacterView | null;
  newFrom: number;
  editing: string | null;
  onEdit: (id: string | null) => void;
}

/** So near to the end counts as being there. */
const AT_END_PX = 90;
const OLDER_ROWS = 12;

export const MessageList = memo(function MessageList({ conversation, character, newFrom, editing, onEdit }: Props) {
  const { id } = conversation;
  const log = useHouseState((state) => state.logs.get(id));
  const pending = useHouseState((state) => state.pending);
  const me = useHouseState((state) => state.me);
  const own = useMemo(() => pending.filter((each) => each.conversationId === id), [pending, id]);
  const messages = log?.messages;
  const said = useMemo(() => saidRows(messages ?? [], newFrom), [messages, newFrom]);
  const coming = useMemo(() => (log ? comingRows(log, own, me) : []), [log, own, me]);
  const rows = useMemo(() => [...said, ...coming], [said, coming]);
  const context = useMemo<RowContext>(
    () => ({ conversation, character, me, editing, onEdit }),
    [conversation, character, me, editing, onEdit],
  );
  if (log === undefined) return null;
  return <Scroll rows={rows} log={log} context={context} key={id} />;
});

function Scroll({ rows, log, context }: { rows: Row[]; log: Log; context: RowContext }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    estimateSize: (index) => (rows[index]?.kind === "opening" ? 420 : 110),
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 24,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END_PX,
  });
  const items = virtual.getVirtualItems();
  const firstShown = items[0]?.index ?? 0;

  useStartAtEnd(virtual.scrollToEnd.bind(virtual));
  useOlder(context.conversation.id, firstShown < OLDER_ROWS && hasOlder(log), log);
  useReading(context.conversation.id, log, context.me, atEnd);
  useFollowOwn(rows, () => virtual.scrollToEnd());
  useKeepEnd(scroller, atEnd, () => virtual.scrollToEnd());

  return (
    <div className={styles["frame"]}>
      {hasOlder(log) && firstShown < 3 && (
        <div className={styles["older"]}>
          <Dots />
        </div>
      )}
      <div
        ref={scroller}
        className={styles["scroll"]}
        role="log"
        aria-live="off"
        aria-label="Messages"
        tabIndex={0}
        onScroll={() => setAtEnd(isAtEnd(scroller.current))}
      >
        <div className={styles["rows"]} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  className={styles["row"]}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <RowView row={row} context={context} />
                </div>
              )
            );
          })}
        </div>
      </div>
      {!atEnd && (
        <button type="button" className={styles["jump"]} onClick={() => virtual.scrollToEnd({ behavior: "auto" })}>
          <ArrowDown size={17} aria-hidden="true" />
          Newest
        </button>
      )}
    </div>
  );
}

function useStartAtEnd(scrollToEnd: () => void): void {
  const started = useRef(false);
  useLayoutEffect(() => {
    if (started.current) return;
    started.current = true;
    scrollToEnd();
  }, [scrollToEnd]);
}

function useOlder(id: string, wanted: boolean, log: Log): void {
  const { line } = useHouse();
  const first = log.messages[0]?.seq;
  useEffect(() => {
    if (wanted) line.loadOlder(id).catch(() => undefined);
  }, [line, id, wanted, first]);
}

/** What stands at the end of the page, while the person looks at it, has been read. */
function useReading(id: string, log: Log, me: string, atEnd: boolean): void {
  const { line } = useHouse();
  const newest = lastSeq(log);
  const unread = log.messages.some((each) => each.senderId !== me && each.status !== "read" && each.deletedAt === null);
  useEffect(() => {
    const read = () => {
      if (document.visibilityState === "visible" && atEnd && unread) line.markRead(id, newest);
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [line, id, newest, unread, atEnd, log.joined]);
}

/** Whoever says something wants to see it. */
function useFollowOwn(rows: Row[], scrollToEnd: () => void): void {
  const sent = rows.findLast((row) => row.kind === "pending")?.key;
  const follow = useEffectEvent(scrollToEnd);
  useEffect(() => {
    if (sent !== undefined) follow();
  }, [sent]);
}

/** A keyboard that opens or a composer that grows takes room from above, not from the newest words. */
function useKeepEnd(scroller: React.RefObject<HTMLDivElement | null>, atEnd: boolean, scrollToEnd: () => void): void {
  const resized = useEffectEvent(() => {
    if (atEnd) scrollToEnd();
  });
  useEffect(() => {
    if (scroller.current === null) return;
    const observer = new ResizeObserver(() => resized());
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [scroller]);
}

function isAtEnd(element: HTMLElement | null): boolean {
  return element === null || element.scrollHeight - element.scrollTop - element.clientHeight <= AT_END_PX;
}
