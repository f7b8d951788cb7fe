/** What can be done with a conversation, wherever it is shown. */

import { Archive, ArchiveRestore, Eraser, PenLine } from "lucide-react";
import { useApp, type AppState } from "../appState";
import type { ConversationView } from "../wire";
import { countsInWords } from "../personalData/words";
import type { Choice } from "../ui/Menu";

interface Asks {
  onRename: () => void;
  onForget: () => void;
}

export function useDeeds(conversation: ConversationView, { onRename, onForget }: Asks): Choice[] {
  const app = useApp();
  const archived = conversation.status === "archived";
  return [
    { label: "Rename", icon: <PenLine size={17} />, act: onRename },
    archived
      ? { label: "Restore", icon: <ArchiveRestore size={17} />, act: () => void restore(app, conversation.id) }
      : { label: "Archive", icon: <Archive size={17} />, act: () => void archive(app, conversation.id) },
    { label: "Forget for good", icon: <Eraser size={17} />, act: onForget, bad: true },
  ];
}

export async function rename(app: AppState, id: string, title: string): Promise<void> {
  await change(app, () => app.api.rename(id, title));
}

export async function restore(app: AppState, id: string): Promise<void> {
  await change(app, () => app.api.restore(id));
}

export async function forget(app: AppState, conversation: ConversationView): Promise<void> {
  try {
    const receipt = await app.api.forgetConversation(conversation.id);
    app.line.dispatch({ kind: "conversations", items: [{ ...conversation, status: "deleted" }] });
    const { messages = 0, facts = 0 } = receipt.counts;
    const counts = countsInWords({ messages, facts });
    app.notices.tell(`Forgotten${counts && `: ${counts}`}. The receipt is with your data.`);
  } catch (error) {
    app.notices.fail(error);
  }
}

async function archive(app: AppState, id: string): Promise<void> {
  const done = await change(app, () => app.api.archive(id));
  if (done) app.notices.tell("Put away in the archive.", () => void restore(app, id));
}

async function change(app: AppState, work: () => Promise<ConversationView>): Promise<boolean> {
  try {
    app.line.dispatch({ kind: "conversations", items: [await work()] });
    return true;
  } catch (error) {
    app.notices.fail(error);
    return false;
  }
}
