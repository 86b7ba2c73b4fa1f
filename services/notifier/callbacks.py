"""What providers call us for: what became of messages, and SMS that people send to us.

Each call is signed by its provider, and each may come again. The answer tells the caller nothing.
"""

from collections.abc import Awaitable, Callable, Iterable

import structlog

from services.notifier.channels.provider import Callback, CallbackRefusedError, InboundMessage, Provider, Report
from services.notifier.metrics import REPORTS
from services.notifier.models import Early
from services.notifier.sending.reports import Reports, Source
from services.notifier.store import CallbackStore
from shared.errors import ForbiddenError, NotFoundError

EARLY_AT_ONCE = 500
MAX_NAME = 200

log = structlog.get_logger(__name__)

Inbound = Callable[[InboundMessage], Awaitable[None]]
"""What is done with an SMS that somebody sent; it does no harm when it is done twice."""


class Callbacks:
    """The callbacks of the providers that there are."""

    def __init__(self, providers: Iterable[Provider], reports: Reports, inbound: Inbound, store: CallbackStore) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._reports = reports
        self._inbound = inbound
        self._store = store

    async def report(self, name: str, callback: Callback) -> None:
        """Take in what became of messages. Raises NotFoundError, ForbiddenError, UnavailableError."""
        provider = self._provider(name)
        try:
            reports = provider.reports(callback)
        except CallbackRefusedError:
            raise self._refused(name) from None
        unknown = await self._reports.take(Source(name, provider.channel), reports)
        await self._store.keep_early(
            [
                Early(name, one.theirs[:MAX_NAME], one.state, one.bad_address)
                for one in unknown
                if not one.ours and one.theirs
            ]
        )

    async def message(self, name: str, callback: Callback) -> None:
        """Take in an SMS, once. Raises NotFoundError, ForbiddenError."""
        provider = self._provider(name)
        try:
            received = provider.inbound(callback)
        except CallbackRefusedError:
            raise self._refused(name) from None
        if received is None or await self._store.is_taken(name, received.id[:MAX_NAME]):
            return
        await self._inbound(received)
        await self._store.note_taken(name, received.id[:MAX_NAME])

    async def look_again(self) -> None:
        """Try reports again that came before our note of the message they are about."""
        kept = await self._store.early(EARLY_AT_ONCE)
        for name in {early.provider for early in kept} & self._providers.keys():
            reports = {
                Report(None, e.theirs, e.state, bad_address=e.bad_address): e for e in kept if e.provider == name
            }
            source = Source(name, self._providers[name].channel)
            unknown = await self._reports.take(source, list(reports), again=True)
            await self._store.forget_early([early for report, early in reports.items() if report not in unknown])

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise NotFoundError
        return self._providers[name]

    @staticmethod
    def _refused(name: str) -> ForbiddenError:
        log.warning("callback.refused", provider=name)
        REPORTS.labels(name, "refused").inc()
        return ForbiddenError()
