"""What is counted of messages, wherever it happens."""

from prometheus_client import Counter

SENT = Counter("rabta_messages_sent_total", "Messages handed to a channel, repeats too", ["channel"])
REPORTS = Counter(
    "rabta_message_reports_total",
    "What providers and mail servers said later of messages; `unknown` of none of ours, `refused` not signed by them",
    ["provider", "state"],
)
BAD_ADDRESSES = Counter("rabta_bad_addresses_total", "Addresses that turned out to take no messages", ["channel"])
