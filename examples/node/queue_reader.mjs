// Takes messages from a department's queue and prints them. Node 20, npm install amqplib; subscriber.mjs does more.
import amqp from "amqplib";

async function store(number, message) { // under its ce-id, in your database: the same id may come again
  console.log(number, JSON.stringify(message));
}

const { RABTA_AMQP_URL, RABTA_QUEUE } = process.env;
const connection = await amqp.connect(RABTA_AMQP_URL);
const channel = await connection.createChannel();
await channel.prefetch(50);
await channel.consume(RABTA_QUEUE, async (message) => {
  if (message === null) process.exit(1); // the queue is gone; let your supervisor start it again
  await store(message.properties.headers["ce-number"] ?? 0, JSON.parse(message.content.toString()));
  channel.ack(message); // only when it is stored
});
connection.on("close", () => process.exit(1));
console.log("listening on", RABTA_QUEUE);
