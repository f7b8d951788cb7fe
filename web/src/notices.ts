/** Short words at the edge of the page: that something was done, and for a while how to undo it. */

import { freshId } from "./ids";
import { asProblem } from "./problem";
import { Store } from "./store";

export interface Notice {
  id: string;
  text: string;
  tone: "plain" | "bad";
  undo: (() => void) | null;
}

const SHOWN_MS = 7000;

export class Notices {
  readonly shown = new Store<readonly Notice[]>([]);

  tell(text: string, undo: (() => void) | null = null): void {
    this.add({ id: freshId(), text, tone: "plain", undo });
  }

  fail(error: unknown): void {
    this.add({ id: freshId(), text: asProblem(error).sentence, tone: "bad", undo: null });
  }

  close(id: string): void {
    this.shown.set(this.shown.get().filter((each) => each.id !== id));
  }

  private add(notice: Notice): void {
    this.shown.set([...this.shown.get().slice(-2), notice]);
    setTimeout(() => this.close(notice.id), SHOWN_MS);
  }
}
