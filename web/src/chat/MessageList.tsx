import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { memo, useCallback, useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useApp, useAppData } from "../appState";
import { go } from "../router";
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
  /** The seq of the message to be shown. */
  sought: number | null;
  editing: string | null;
  onEdit: (id: string | null) => void;
}

/** So near to the end counts as being there. */
const AT_END_PX = 90;
const OLDER_ROWS = 12;

export const MessageList = memo(function MessageList({ conversation, character, newFrom, sought, editing, onEdit }: Props) {
  const { id } = conversation;
  const log = useAppData((state) => state.logs.get(id));
  const pending = useAppData((state) => state.pending);
  const me = useAppData((state) => state.me);
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
  return <Scroll rows={rows} log={log} context={context} sought={sought} key={id} />;
});

interface ScrollProps {
  rows: Row[];
  log: Log;
  context: RowContext;
  sought: number | null;
}

function Scroll({ rows, log, context, sought }: ScrollProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(sought === null);
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

  const marked = useSought(rows, context.conversation.id, sought, scroller, (index) => {
    setAtEnd(false);
    virtual.scrollToIndex(index, { align: "center" });
  });
  useStartAtEnd(sought === null, virtual.scrollToEnd.bind(virtual));
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
                  data-marked={(row.kind === "message" && row.message.seq === marked) || undefined}
                  tabIndex={-1}
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

/** How long the message that was sought stays marked. */
const MARKED_MS = 4000;

/** Goes to the message that is sought, once it is held, and tells which one to mark. */
function useSought(
  rows: Row[],
  id: string,
  sought: number | null,
  scroller: React.RefObject<HTMLDivElement | null>,
  show: (index: number) => void,
): number | null {
  const [marked, setMarked] = useState<number | null>(null);
  const waiting = useRef(false);
  const index = sought === null ? -1 : rows.findIndex((row) => row.kind === "message" && row.message.seq === sought);
  const found = useEffectEvent(() => {
    show(index);
    setMarked(sought);
    waiting.current = true;
    go(`/talk/${id}`, "replace");
  });
  useEffect(() => {
    if (index >= 0) found();
  }, [index]);
  useEffect(() => {
    if (marked === null) return;
    const later = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(later);
  }, [marked]);
  // Rows are drawn only near where one looks: it may take another round until it is there.
  useEffect(() => {
    const row = waiting.current ? scroller.current?.querySelector<HTMLElement>("[data-marked]") : null;
    if (!row) return;
    waiting.current = false;
    row.focus({ preventScroll: true });
  });
  return marked;
}

function useStartAtEnd(wanted: boolean, scrollToEnd: () => void): void {
  const started = useRef(!wanted);
  useLayoutEffect(() => {
    if (started.current) return;
    started.current = true;
    scrollToEnd();
  }, [scrollToEnd]);
}

function useOlder(id: string, wanted: boolean, log: Log): void {
  const { line } = useApp();
  const first = log.messages[0]?.seq;
  useEffect(() => {
    if (wanted) line.loadOlder(id).catch(() => undefined);
  }, [line, id, wanted, first]);
}

/** What stands at the end of the page, while the person looks at it, has been read. */
function useReading(id: string, log: Log, me: string, atEnd: boolean): void {
  const { line } = useApp();
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
