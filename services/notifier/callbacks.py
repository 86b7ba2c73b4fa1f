"""Calls from providers: reports on messages, and SMS that people send to us.

The provider signs each call and may repeat it. The response reveals nothing.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from services.notifier.channels.provider import Callback, CallbackRefusedError, Provider
from services.notifier.inbound.answers import SmsAnswers
from services.notifier.metrics import REPORTS
from services.notifier.sending.reports import Reports, ReportSource
from shared.errors import ForbiddenError, NotFoundError

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Callbacks:
    """The use cases for callbacks."""

    def __init__(self, providers: Iterable[Provider], reports: Reports, answers: SmsAnswers) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._reports = reports
        self._answers = answers

    async def report(self, name: str, callback: Callback) -> None:
        """Record reports on messages. Raises NotFoundError, ForbiddenError, UnavailableError."""
        reports = self._read(name, lambda provider: provider.reports(callback))
        await self._reports.take(ReportSource(name, self._providers[name].channel), reports)

    async def message(self, name: str, callback: Callback) -> None:
        """Answer an SMS. Raises NotFoundError, ForbiddenError, UnavailableError."""
        received = self._read(name, lambda provider: provider.inbound(callback))
        if received is not None:
            await self._answers.answer(received)

    def _read(self, name: str, read: Callable[[Provider], T]) -> T:
        if name not in self._providers:
            raise NotFoundError
        try:
            return read(self._providers[name])
        except CallbackRefusedError:
            log.warning("callback.refused", provider=name)
            REPORTS.labels(name, "refused").inc()
            raise ForbiddenError from None
