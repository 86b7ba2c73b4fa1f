"""What is counted of messages, wherever it happens."""

from prometheus_client import Counter

SENT = Counter("rabta_messages_sent_total", "Messages handed to a channel, repeats too", ["channel"])
