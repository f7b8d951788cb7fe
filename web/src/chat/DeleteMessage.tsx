import { useHouse } from "../house";
import type { MessageView } from "../wire";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { plainText } from "./plain";
import styles from "./Message.module.css";

export function DeleteMessage({ message, onClose }: { message: MessageView; onClose: () => void }) {
  const house = useHouse();
  const confirm = async () => {
    onClose();
    try {
      await house.api.deleteMessage(message.id);
      house.line.dispatch({ kind: "message", message: await house.api.message(message.id), heard: false });
      house.notices.tell("Deleted. The receipt is with your data.");
    } catch (error) {
      house.notices.fail(error);
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
