/** Everything the page's parts share: made once, before the first render. */

import { createContext, useContext } from "react";
import { Api } from "./api";
import { CharacterStore } from "./characters";
import { Connection, type Return } from "./connection";
import { Notices } from "./notices";
import type { About } from "./rest";
import { Session } from "./session";
import { takeKey, watchForKeys } from "./signInKey";
import { NOTHING, type State } from "./state";
import { Store, useStore } from "./store";

export class AppState {
  readonly session = new Session();
  readonly api = new Api(this.session);
  readonly state = new Store<State>(NOTHING);
  readonly returned = new Store<Return | null>(null);
  readonly about = new Store<About | null>(null);
  readonly notices = new Notices();
  readonly characterStore = new CharacterStore(this.api);
  readonly line = new Connection(this.state, this.api, this.session, this.returned);

  /** Follows the session: who signs in is connected, who signs out is not. */
  open(): void {
    const about = this.api.about().then((told) => this.about.set(told), () => undefined);
    this.session.who.watch(() => void about.then(() => this.follow()));
    void this.session.open(takeKey());
    watchForKeys((key) => void this.session.open(key));
  }

  private follow(): void {
    const who = this.session.who.get();
    if (who.state === "in") {
      this.line.start(who.user.id, this.about.get()?.websocketPath ?? "/socket.io");
      void this.characterStore.load();
      void this.line.loadConversations().catch(() => undefined);
    }
    if (who.state === "out") this.line.stop();
  }
}

const Context = createContext<AppState | null>(null);
export const AppProvider = Context.Provider;

export function useApp(): AppState {
  const app = useContext(Context);
  if (app === null) throw new Error("no app around this component");
  return app;
}

export function useAppData<S>(select: (state: State) => S): S {
  return useStore(useApp().state, select);
}
