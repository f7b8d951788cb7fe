import { useApp } from "../appState";
import { go } from "../router";
import type { ConversationView } from "../wire";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { forget } from "./deeds";
import styles from "./Sidebar.module.css";

interface Props {
  conversation: ConversationView;
  leave: boolean;
  onClose: () => void;
}

/** `leave`: the conversation is on the screen, which then shows another place. */
export function ForgetDialog({ conversation, leave, onClose }: Props) {
  const app = useApp();
  const confirm = () => {
    onClose();
    if (leave) go("/", "replace");
    void forget(app, conversation);
  };
  return (
    <Dialog title="Forget this conversation?" onClose={onClose}>
      <div className={styles["confirm"]}>
        <p>
          “{conversation.title}”, everything said in it and everything your characters remember from it will be gone for good, and
          you get a receipt. To only put it out of sight, archive it instead.
        </p>
        <div>
          <Button look="bare" onClick={onClose}>
            Keep it
          </Button>
          <Button look="bad" onClick={confirm}>
            Forget for good
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
