import { useApp } from "../appState";
import type { MessageView } from "../wire";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { plainText } from "./plain";
import styles from "./Message.module.css";

export function DeleteMessage({ message, onClose }: { message: MessageView; onClose: () => void }) {
  const app = useApp();
  const confirm = async () => {
    onClose();
    try {
      await app.api.deleteMessage(message.id);
      app.line.dispatch({ kind: "message", message: await app.api.message(message.id), heard: false });
      app.notices.tell("Deleted. The receipt is with your data.");
    } catch (error) {
      app.notices.fail(error);
    }
  };
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <div className={styles["confirm"]}>
        <blockquote>{plainText(message.content).slice(0, 160)}</blockquote>
        <p>It is gone for everyone in the conversation, and with it what the characters remember from it.</p>
        <div>
          <Button look="bare" onClick={onClose}>
            Keep it
          </Button>
          <Button look="bad" onClick={() => void confirm()}>
            Delete
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
