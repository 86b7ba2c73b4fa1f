"""What departments' subscribers of a fault run received."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from deploy.cli.queue import Received as QueueMessage


@dataclass
class Received:
    """The deliveries to the departments' queues: event ids by number, and the deliveries of each id."""

    routed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    times: Counter[str] = field(default_factory=Counter)

    @property
    def repeats(self) -> int:
        """Repeated deliveries of an event, with the same id; a queue promises delivery at least once."""
        return sum(times - 1 for times in self.times.values())

    @property
    def doubled(self) -> list[str]:
        """Numbers that were routed by two different events."""
        return [number for number, ids in self.routed.items() if len(ids) > 1]

    async def take(self, message: QueueMessage) -> None:
        """Note an event, then acknowledge it."""
        self.times[message.id] += 1
        if message.type == "request.routed.v1":
            self.routed[message.subject].add(message.id)
        await message.ack()
