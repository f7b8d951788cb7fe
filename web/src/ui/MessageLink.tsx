import type { MouseEvent, ReactNode } from "react";
import { goToMessage } from "../router";

interface Props {
  conversationId: string;
  seq: number;
  className?: string | undefined;
  label?: string | undefined;
  /** Called when it is followed here, and not in another tab. */
  onFollow?: (() => void) | undefined;
  children: ReactNode;
}

/** A real link to the place in a conversation where something was said. */
export function MessageLink({ conversationId, seq, className, label, onFollow, children }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onFollow?.();
    goToMessage(conversationId, seq);
  };
  return (
    <a href={`/talk/${conversationId}/${seq}`} className={className} aria-label={label} onClick={follow}>
      {children}
    </a>
  );
}
