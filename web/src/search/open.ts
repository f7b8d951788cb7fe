import { Store } from "../store";

/** Whether the search over all conversations is open. */
export const searching = new Store(false);
