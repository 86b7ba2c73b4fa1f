"""A one-node replica set on loopback: created if missing, reconfigured if its port changed.

The driver is imported where it is used: every command of `rabta` imports this module, and few need a database.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymongo import MongoClient

REPLICA_SET = "rabta"
NOT_INITIATED = 94


def mongo_url(port: int) -> str:
    """The address of the replica set, without a database."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def replica_set_probe(port: int) -> str | None:
    """None if the node is a writable primary; otherwise takes the next step and returns what is missing."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    client: MongoClient[dict[str, object]] = MongoClient(
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500, socketTimeoutMS=5000
    )
    with client:
        try:
            if client.admin.command("hello").get("isWritablePrimary"):
                return None
            _configure(client, f"127.0.0.1:{port}")
            hello = client.admin.command("hello")
        except PyMongoError as error:
            return str(error).partition(" (configured")[0]
    return None if hello.get("isWritablePrimary") else "no primary yet"


def _configure(client: "MongoClient[dict[str, object]]", host: str) -> None:
    from pymongo.errors import OperationFailure

    members = [{"_id": 0, "host": host}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != NOT_INITIATED:
            raise
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != host:
        changed = {"_id": REPLICA_SET, "version": config["version"] + 1, "members": members}
        client.admin.command("replSetReconfig", changed, force=True)
