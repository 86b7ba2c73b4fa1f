"""The metrics of messages."""

from prometheus_client import Counter, Gauge

SENT = Counter("rabta_messages_sent_total", "Messages handed to a channel, repeats too", ["channel"])
SETTLED = Counter(
    "rabta_message_states_total",
    "Messages by what became of them here: sending when a provider took it, delivered, failures, expired, cancelled",
    ["channel", "provider", "state"],
)
MOVED = Counter("rabta_message_moved_total", "Messages that went on over another channel", ["channel"])
PARTS = Counter("rabta_message_parts_total", "SMS that providers took, by template: what messages cost", ["template"])
OLDEST = Gauge(
    "rabta_message_oldest_seconds", "For how long the first waiting message has been due", ["channel", "lane"]
)
PROVIDER_OUT = Gauge("rabta_message_provider_out", "1 while this process sends nothing to a provider", ["provider"])
REPORTS = Counter(
    "rabta_message_reports_total",
    "Reports of providers and mail servers; `unknown`: about no message of ours, `refused`: not signed",
    ["provider", "state"],
)
BAD_ADDRESSES = Counter("rabta_bad_addresses_total", "Addresses that turned out to take no messages", ["channel"])
