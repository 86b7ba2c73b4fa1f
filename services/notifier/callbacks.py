"""Calls from providers: reports on messages, and SMS that people send to us.

The provider signs each call and may repeat it. The response reveals nothing.
"""

from collections.abc import Iterable

import structlog

from services.notifier.channels.provider import Callback, CallbackRefusedError, Provider
from services.notifier.inbound.answers import SmsAnswers
from services.notifier.metrics import REPORTS
from services.notifier.sending.reports import Reports, ReportSource
from shared.errors import ForbiddenError, NotFoundError

log = structlog.get_logger(__name__)


class Callbacks:
    """The use cases for callbacks."""

    def __init__(self, providers: Iterable[Provider], reports: Reports, answers: SmsAnswers) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._reports = reports
        self._answers = answers

    async def report(self, name: str, callback: Callback) -> None:
        """Record reports on messages. Raises NotFoundError, ForbiddenError, UnavailableError."""
        provider = self._provider(name)
        try:
            reports = provider.reports(callback)
        except CallbackRefusedError:
            raise self._refused(name) from None
        await self._reports.take(ReportSource(name, provider.channel), reports)

    async def message(self, name: str, callback: Callback) -> None:
        """Answer an SMS. Raises NotFoundError, ForbiddenError, UnavailableError."""
        provider = self._provider(name)
        try:
            received = provider.inbound(callback)
        except CallbackRefusedError:
            raise self._refused(name) from None
        if received is not None:
            await self._answers.answer(received)

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise NotFoundError
        return self._providers[name]

    @staticmethod
    def _refused(name: str) -> ForbiddenError:
        log.warning("callback.refused", provider=name)
        REPORTS.labels(name, "refused").inc()
        return ForbiddenError()
