/** What can be done with a conversation, wherever it is shown. */

import { Archive, ArchiveRestore, PenLine, Trash2 } from "lucide-react";
import { useHouse, type House } from "../house";
import type { ConversationView } from "../wire";
import type { Choice } from "../ui/Menu";

interface Asks {
  onRename: () => void;
  onDelete: () => void;
}

export function useDeeds(conversation: ConversationView, { onRename, onDelete }: Asks): Choice[] {
  const house = useHouse();
  const archived = conversation.status === "archived";
  return [
    { label: "Rename", icon: <PenLine size={17} />, act: onRename },
    archived
      ? { label: "Restore", icon: <ArchiveRestore size={17} />, act: () => void restore(house, conversation.id) }
      : { label: "Archive", icon: <Archive size={17} />, act: () => void archive(house, conversation.id) },
    { label: "Delete", icon: <Trash2 size={17} />, act: onDelete, bad: true },
  ];
}

export async function rename(house: House, id: string, title: string): Promise<void> {
  await change(house, () => house.api.rename(id, title));
}

export async function restore(house: House, id: string): Promise<void> {
  await change(house, () => house.api.restore(id));
}

export async function remove(house: House, conversation: ConversationView): Promise<void> {
  try {
    await house.api.deleteConversation(conversation.id);
    house.line.dispatch({ kind: "conversations", items: [{ ...conversation, status: "deleted" }] });
    house.notices.tell("The conversation is deleted.");
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
