// Makes MongoDB a one-node replica set if it is none yet, and returns once it accepts writes.
const HOST = "mongo:27017";
const END = Date.now() + 60_000;

function writable() {
  const admin = new Mongo(`mongodb://${HOST}/?directConnection=true&serverSelectionTimeoutMS=2000`).getDB("admin");
  const hello = admin.hello();
  if (!hello.setName && !hello.isreplicaset) throw new Error("started without --replSet");
  if (!hello.setName) admin.runCommand({replSetInitiate: {_id: "rabta", members: [{_id: 0, host: HOST}]}});
  return hello.isWritablePrimary;
}

let missing = "no primary";
while (Date.now() < END) {
  try {
    if (writable()) quit(0);
  } catch (error) {
    missing = error.message;
  }
  sleep(300);
}
print(`MongoDB is not ready after a minute: ${missing}`);
quit(1);
