// One journey with the official client: node chat.mjs URL TOKEN CONVERSATION [transport ...]
// Prints one JSON object: what the server acknowledged, and every event in order.
import { io } from "socket.io-client";

const [url, token, conversationId, ...transports] = process.argv.slice(2);
const options = { auth: { token }, timeout: 20_000, ...(transports.length ? { transports } : {}) };
const socket = io(url, options);
const heard = [];
const report = (result) => {
  console.log(JSON.stringify({ ...result, heard }));
  socket.disconnect();
};

socket.onAny((name, body) => heard.push([name, body]));
socket.on("connect_error", (error) => {
  report({ refused: { message: error.message, data: error.data } });
  process.exit(0);
});
socket.on("connect", async () => {
  const ask = (name, body) => socket.timeout(20_000).emitWithAck(name, body);
  const ended = new Promise((resolve) =>
    socket.on("character:response", (body) => ["completed", "stopped", "failed"].includes(body.phase) && resolve()),
  );
  const joined = await ask("conversation:join", { conversationId, lastSeq: 0 });
  const sent = await ask("message:send", { conversationId, content: "/echo Grüße \u{1F98A} aus dem Leuchtturm.", clientId: "node-1" });
  await ended;
  const refused = await ask("message:send", { conversationId, content: 5 });
  report({ joined, sent, refused, transport: socket.io.engine.transport.name });
});
