// Three turns over Socket.IO with the unmodified client: node three_turns.mjs URL TOKEN CONVERSATION
import { io } from "socket.io-client";

const [url, token, conversationId] = process.argv.slice(2);
const socket = io(url, { auth: { token }, transports: ["websocket"] });
const replies = [];

function answered(messageId) {
  return new Promise((resolve, reject) => {
    socket.on("character:response", function listen(step) {
      if (step.messageId !== messageId || !["completed", "failed", "stopped"].includes(step.phase)) return;
      socket.off("character:response", listen);
      if (step.phase === "completed") resolve(step.message.content);
      else reject(new Error(step.sentence ?? step.phase));
    });
  });
}

await socket.emitWithAck("conversation:join", { conversationId, lastSeq: 0 });
for (const content of ["Good evening.", "I lost my umbrella.", "It was blue."]) {
  const sent = await socket.emitWithAck("message:send", { conversationId, content, clientId: crypto.randomUUID() });
  if (!sent.ok) throw new Error(sent.error.sentence);
  replies.push(await answered(sent.message.id));
}
console.log(JSON.stringify(replies));
socket.close();
