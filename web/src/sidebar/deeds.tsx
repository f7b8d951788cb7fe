/** What can be done with a conversation, wherever it is shown. */

import { Archive, ArchiveRestore, Eraser, PenLine } from "lucide-react";
import { useHouse, type House } from "../house";
import type { ConversationView } from "../wire";
import { countsInWords } from "../leaving/words";
import type { Choice } from "../ui/Menu";

interface Asks {
  onRename: () => void;
  onForget: () => void;
}

export function useDeeds(conversation: ConversationView, { onRename, onForget }: Asks): Choice[] {
  const house = useHouse();
  const archived = conversation.status === "archived";
  return [
    { label: "Rename", icon: <PenLine size={17} />, act: onRename },
    archived
      ? { label: "Restore", icon: <ArchiveRestore size={17} />, act: () => void restore(house, conversation.id) }
      : { label: "Archive", icon: <Archive size={17} />, act: () => void archive(house, conversation.id) },
    { label: "Forget for good", icon: <Eraser size={17} />, act: onForget, bad: true },
  ];
}

export async function rename(house: House, id: string, title: string): Promise<void> {
  await change(house, () => house.api.rename(id, title));
}

export async function restore(house: House, id: string): Promise<void> {
  await change(house, () => house.api.restore(id));
}

export async function forget(house: House, conversation: ConversationView): Promise<void> {
  try {
    const receipt = await house.api.forgetConversation(conversation.id);
    house.line.dispatch({ kind: "conversations", items: [{ ...conversation, status: "deleted" }] });
    const { messages = 0, facts = 0 } = receipt.counts;
    const counts = countsInWords({ messages, facts });
    house.notices.tell(`Forgotten${counts && `: ${counts}`}. The receipt is with your data.`);
  } catch (error) {
    house.notices.fail(error);
  }
}

async function archive(house: House, id: string): Promise<void> {
  const done = await change(house, () => house.api.archive(id));
  if (done) house.notices.tell("Put away in the archive.", () => void restore(house, id));
}

async function change(house: House, work: () => Promise<ConversationView>): Promise<boolean> {
  try {
    house.line.dispatch({ kind: "conversations", items: [await work()] });
    return true;
  } catch (error) {
    house.notices.fail(error);
    return false;
  }
}
