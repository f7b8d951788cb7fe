import { useCallback, useEffect, useRef } from "react";
import { useApp } from "../appState";

/** The server forgets after TYPING_TIMEOUT that somebody types; it is told again a little sooner. */
const AGAIN_MS = 2000;

/** Tells the others in the conversation that the person types, or no longer does. */
export function useTypingSignal(conversationId: string): (isTyping: boolean) => void {
  const { line } = useApp();
  const told = useRef(0);
  const signal = useCallback(
    (isTyping: boolean) => {
      const now = Date.now();
      if (isTyping && now - told.current < AGAIN_MS) return;
      if (!isTyping && told.current === 0) return;
      told.current = isTyping ? now : 0;
      line.typing(conversationId, isTyping);
    },
    [line, conversationId],
  );
  useEffect(() => () => signal(false), [signal]);
  return signal;
}
