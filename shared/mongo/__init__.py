"""MongoDB: the connection and the storage of records. Only this package and the stores import the driver."""

from shared.mongo.client import (
    OUTAGES,
    Database,
    ServerClock,
    connect,
    drop_indexes,
    file_bucket,
    index_where,
    listing,
    text,
)
from shared.mongo.records import RecordStore

__all__ = [
    "OUTAGES",
    "Database",
    "RecordStore",
    "ServerClock",
    "connect",
    "drop_indexes",
    "file_bucket",
    "index_where",
    "listing",
    "text",
]
