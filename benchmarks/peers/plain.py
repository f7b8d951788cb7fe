"""The plain stack: what an experienced developer writes in an afternoon from the usual parts, used as their guides show.

python-socketio on uvicorn (with uvloop and httptools, as `uvicorn[standard]` brings them), aiosqlite (WAL, synchronous
FULL) with one commit a message, the OpenAI SDK streaming, one emit a token, the last 20 messages read from SQLite every
turn, a JWT checked when a socket connects. Memory is an embedded Chroma collection with the embedder that ours ships: each
message is embedded, the user's five nearest are put into the prompt, and the message is added.

`message:send {conversationId, content}` is acknowledged with {ok, id} once the message is committed; then come `token {text}`
and, when the reply is committed, `done {id, text}`, or `failed {error}`.
"""

import argparse
import asyncio
import importlib
import os
import time
import uuid
from pathlib import Path
from typing import Any

import aiosqlite
import jwt
import openai
import socketio
import uvicorn
import uvloop

from everkin.memory.embedders.minilm import MiniLm

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_conversation ON messages (conversation_id, n);
"""

PERSONA = (
    "You are Mira, 29, who keeps a small bookshop by the harbour. You are warm, curious and a little dry. Stay in character. "
    "Refer to what was said before naturally, show what you feel, and keep your replies short enough for a chat."
)


class Store:
    def __init__(self, db: aiosqlite.Connection) -> None:
        self.db = db

    @classmethod
    async def open(cls, path: Path) -> "Store":
        db = await aiosqlite.connect(path)
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = FULL")
        await db.executescript(SCHEMA)
        await db.commit()
        return cls(db)

    async def add(self, conversation_id: str, role: str, content: str) -> str:
        message_id = uuid.uuid4().hex
        await self.db.execute(
            "INSERT INTO messages (id, conversation_id, role, content, created_at) VALUES (?, ?, ?, ?, ?)",
            (message_id, conversation_id, role, content, int(time.time() * 1000)),
        )
        await self.db.commit()
        return message_id

    async def recent(self, conversation_id: str, limit: int = 20) -> list[dict[str, str]]:
        query = "SELECT role, content FROM messages WHERE conversation_id = ? ORDER BY n DESC LIMIT ?"
        async with self.db.execute(query, (conversation_id, limit)) as cursor:
            rows = list(await cursor.fetchall())
        return [{"role": role, "content": content} for role, content in reversed(rows)]


class Recall:
    def __init__(self, path: Path) -> None:
        chromadb: Any = importlib.import_module("chromadb")
        client = chromadb.PersistentClient(str(path), chromadb.Settings(anonymized_telemetry=False))
        self.embedder = MiniLm()
        self.collection: Any = client.get_or_create_collection("messages", embedding_function=None)

    async def remember(self, user: str, message_id: str, text: str) -> list[str]:
        """What comes to mind at the message, which is kept from then on."""
        vector = await self.embedder.embed([text])
        found = await asyncio.to_thread(
            self.collection.query, query_embeddings=vector, n_results=5, where={"user": user}
        )
        await asyncio.to_thread(
            self.collection.add, ids=[message_id], embeddings=vector, documents=[text], metadatas=[{"user": user}]
        )
        return list(found["documents"][0])


class Chat:
    def __init__(self, sio: socketio.AsyncServer, store: Store, model: openai.AsyncOpenAI, recall: Recall) -> None:
        self.sio, self.store, self.model, self.recall = sio, store, model, recall
        self.tasks: set[asyncio.Task[None]] = set()
        sio.on("connect", self.connect)
        sio.on("message:send", self.send)

    async def connect(self, sid: str, environ: dict[str, Any], auth: dict[str, str] | None) -> None:
        try:
            claims = jwt.decode((auth or {}).get("token", ""), os.environ["JWT_SECRET"], algorithms=["HS256"])
        except jwt.InvalidTokenError as error:
            raise ConnectionRefusedError("unauthenticated") from error
        await self.sio.save_session(sid, {"user": claims["sub"]})

    async def send(self, sid: str, data: dict[str, str]) -> dict[str, Any]:
        conversation_id, content = data["conversationId"], data["content"]
        message_id = await self.store.add(conversation_id, "user", content)
        task = asyncio.create_task(self.answer(sid, conversation_id, message_id, content))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return {"ok": True, "id": message_id}

    async def answer(self, sid: str, conversation_id: str, message_id: str, content: str) -> None:
        try:
            await self.reply(sid, conversation_id, message_id, content)
        except Exception as error:
            await self.sio.emit("failed", {"error": str(error)}, to=sid)

    async def reply(self, sid: str, conversation_id: str, message_id: str, content: str) -> None:
        user = (await self.sio.get_session(sid))["user"]
        recalled = await self.recall.remember(user, message_id, content)
        history = await self.store.recent(conversation_id)
        system = PERSONA + ("\nYou remember:\n" + "\n".join(recalled) if recalled else "")
        messages: Any = [{"role": "system", "content": system}, *history]
        stream = await self.model.chat.completions.create(
            model=os.environ["MODEL_NAME"],
            messages=messages,
            temperature=0.8,
            max_tokens=500,
            stream=True,
        )
        pieces = []
        async for chunk in stream:
            if chunk.choices and (text := chunk.choices[0].delta.content):
                pieces.append(text)
                await self.sio.emit("token", {"text": text}, to=sid)
        text = "".join(pieces)
        reply_id = await self.store.add(conversation_id, "assistant", text)
        await self.sio.emit("done", {"id": reply_id, "text": text}, to=sid)


async def serve(port: int, data: Path) -> None:
    sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    store = await Store.open(data / "chat.db")
    model = openai.AsyncOpenAI(base_url=os.environ["MODEL_BASE_URL"], api_key=os.environ["MODEL_API_KEY"])
    recall = Recall(data / "chroma")
    Chat(sio, store, model, recall)
    server = uvicorn.Server(uvicorn.Config(socketio.ASGIApp(sio), host="127.0.0.1", port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    print(f"listening {port}", flush=True)
    await serving
    await recall.embedder.close()
    await store.db.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    uvloop.run(serve(given.port, given.data))


if __name__ == "__main__":
    main()
