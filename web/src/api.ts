/** Every REST call the page makes. Each throws a Problem. */

import { Problem, problemOf, unreachable } from "./problem";
import type { About, CharacterDraft, Conversations, FactDraft, History, Me, Models, PullProgress } from "./rest";
import type { Session } from "./session";
import type {
  BondView,
  CharacterView,
  ConversationView,
  FactsView,
  FactView,
  HitsView,
  MessageView,
  ReceiptsView,
  ReceiptView,
  RecollectionsView,
} from "./wire";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export class Api {
  constructor(private readonly session: Session) {}

  /** Needs no sign-in. */
  async about(): Promise<About> {
    const response = await fetch("/api/v1/about").catch(() => {
      throw unreachable();
    });
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as About;
  }

  me = () => this.json<Me>("GET", "auth/me");
  setName = (name: string) => this.json<Me>("PATCH", "auth/me", { name });

  characters = () => this.json<{ items: CharacterView[] }>("GET", "characters");
  character = (id: string) => this.json<CharacterView>("GET", `characters/${enc(id)}`);
  createCharacter = (draft: CharacterDraft) => this.json<CharacterView>("POST", "characters", draft);
  updateCharacter = (id: string, draft: CharacterDraft) => this.json<CharacterView>("PUT", `characters/${enc(id)}`, draft);
  /** A starter as it came with Everkin. */
  restoreCharacter = (id: string) => this.json<CharacterView>("POST", `characters/${enc(id)}/restore`);
  deleteCharacter = (id: string) => this.call("DELETE", `characters/${enc(id)}`);
  setAvatar = (id: string, image: Blob) => this.json<CharacterView>("PUT", `characters/${enc(id)}/avatar`, image);

  conversations = (query: Record<string, string>) =>
    this.json<Conversations>("GET", `conversations?${new URLSearchParams(query)}`);
  conversation = (id: string) => this.json<ConversationView>("GET", `conversations/${enc(id)}`);
  createConversation = (characterId: string) => this.json<ConversationView>("POST", "conversations", { characterId });
  rename = (id: string, title: string) => this.json<ConversationView>("PUT", `conversations/${enc(id)}`, { title });
  archive = (id: string) => this.json<ConversationView>("POST", `conversations/${enc(id)}/archive`);
  restore = (id: string) => this.json<ConversationView>("POST", `conversations/${enc(id)}/restore`);
  /** For good, with everything that was made from it. */
  forgetConversation = (id: string) => this.json<ReceiptView>("POST", `conversations/${enc(id)}/forget`);

  history = (id: string, query: { before?: number; after?: number; limit: number }) => {
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return this.json<History>("GET", `conversations/${enc(id)}/messages?${search}`);
  };
  editMessage = (id: string, content: string) => this.json<MessageView>("PATCH", `messages/${enc(id)}`, { content });
  deleteMessage = (id: string) => this.json<ReceiptView>("DELETE", `messages/${enc(id)}`);

  message = (id: string) => this.json<MessageView>("GET", `messages/${enc(id)}`);
  recalled = (id: string) => this.json<RecollectionsView>("GET", `messages/${enc(id)}/recalled`);
  search = (query: Record<string, string>) => this.json<HitsView>("GET", `search?${new URLSearchParams(query)}`);

  /** What a character remembers of the one who asks. */
  facts = (characterId: string, query: { text: string; past: boolean; limit: number }) => {
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return this.json<FactsView>("GET", `${memory(characterId)}?${search}`);
  };
  addFact = (characterId: string, draft: FactDraft) => this.json<FactView>("POST", memory(characterId), draft);
  changeFact = (characterId: string, id: string, change: Partial<FactDraft>) =>
    this.json<FactView>("PATCH", `${memory(characterId)}/${enc(id)}`, change);
  forgetFact = (characterId: string, id: string) => this.json<ReceiptView>("DELETE", `${memory(characterId)}/${enc(id)}`);
  bond = (characterId: string) => this.json<BondView>("GET", `characters/${enc(characterId)}/relationship/me`);

  receipts = () => this.json<ReceiptsView>("GET", "receipts");
  export = async (): Promise<Blob> => (await this.call("GET", "export")).blob();
  erase = (login: string) => this.json<ReceiptView>("POST", "erase", { login });

  models = () => this.json<Models>("GET", "models");
  chooseModel = (name: string) => this.json<Models>("PUT", "models/current", { name });

  /** Ends when the model is there; throws a Problem when it cannot be had. */
  async pullModel(name: string, tell: (progress: PullProgress) => void, signal: AbortSignal): Promise<void> {
    const response = await this.call("POST", `models/${enc(name)}/pull`, undefined, signal);
    if (response.body === null) return;
    let rest = "";
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + value).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) hearProgress(frame, tell);
    }
  }

  private async json<T>(method: Method, path: string, body?: unknown): Promise<T> {
    return (await (await this.call(method, path, body)).json()) as T;
  }

  private async call(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const first = await this.attempt(method, path, body, signal, false);
    const response = first.status === 401 ? await this.attempt(method, path, body, signal, true) : first;
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  private async attempt(method: Method, path: string, body: unknown, signal: AbortSignal | undefined, renew: boolean) {
    const headers: Record<string, string> = { authorization: `Bearer ${await this.session.token(renew)}` };
    const raw = body instanceof Blob;
    if (body !== undefined) headers["content-type"] = raw ? body.type || "application/octet-stream" : "application/json";
    const content = body === undefined ? null : raw ? body : JSON.stringify(body);
    return fetch(`/api/v1/${path}`, { method, headers, body: content, signal: signal ?? null }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw unreachable();
    });
  }
}

function hearProgress(frame: string, tell: (progress: PullProgress) => void): void {
  const lines = frame.split("\n");
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1).trim();
  const data = field("data");
  if (data === undefined) return;
  if (field("event") === "error") throw new Problem(502, JSON.parse(data) as Partial<Problem>);
  if (field("event") === "progress") tell(JSON.parse(data) as PullProgress);
}

const enc = encodeURIComponent;
const memory = (characterId: string): string => `characters/${enc(characterId)}/memory/me`;
