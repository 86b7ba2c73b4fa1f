"""A portal that sends its codes by SMS."""

from collections.abc import Sequence
from typing import Any

from tools.gateways.running import StandIn
from tools.portal import Citizen, Portal


class ByPhone(Portal):
    """A portal whose codes are sent by SMS through a gateway."""

    def __init__(self, url: str, admin: tuple[str, str], gateway: StandIn) -> None:
        super().__init__(url, admin)
        self.gateway = gateway

    async def messages(self, mobile: str) -> list[dict[str, Any]]:
        """The SMS to a mobile, newest first, each with its place among them as its time."""
        taken = await self.gateway.messages(mobile)
        return [{"words": one["words"], "at": f"{place:06}"} for place, one in enumerate(taken)][::-1]

    async def words_sent(self, citizen: Citizen, number: str) -> Sequence[str]:
        """The SMS about a request, in order."""
        return [one["words"] for one in await self.gateway.messages(citizen.mobile) if number in one["words"]]

    async def asks(self, mobile: str, words: str, **more: str) -> int:
        """Send an SMS to the portal; returns the status of the signed call."""
        url = f"{self.url}/api/v1/callbacks/sms/messages"
        return await self.gateway.inbound(mobile, words, url=url, **more)
