"""Clerks find possible duplicates for a citizen at the counter, and follow one for the citizen.

Both enter the citizen's access trail before they are answered.
"""

from dataclasses import dataclass

from services.requests.duplicates.models import follows
from services.requests.duplicates.schemas import DuplicateCandidate
from services.requests.duplicates.service.candidates import DuplicateFinder, Question, summary
from services.requests.duplicates.service.following import Following
from services.requests.filing.service.filing import AccountId, registered
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.service.access_log import AccessLog
from shared.auth import Principal
from shared.jsonbody import Body
from shared.records import Records


class Behalf(Body):
    """The citizen for whom a clerk acts; citizens leave it out."""

    on_behalf_of: AccountId | None = None


class QuestionFor(Question):
    """A request that a citizen, or a clerk for a citizen, is about to file."""

    on_behalf_of: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """The use cases of clerks, for citizens with an account; without one there is nowhere to send messages."""

    citizens: Records[CitizenReplica]
    finder: DuplicateFinder
    following: Following
    accesses: AccessLog

    async def offer(self, clerk: Principal, question: QuestionFor, language: str) -> list[DuplicateCandidate]:
        """What the citizen may follow instead of filing. Raises InvalidError for an unknown account or service."""
        citizen = await registered(self.citizens, question.on_behalf_of, language)
        matches = await self.finder.find(question, language)
        for match in matches:  # the clerk learns that it is the citizen's, or followed
            if match.request.citizen_id == citizen.id or follows(match.request, citizen.id):
                await self.accesses.note(clerk, match.request, of=citizen.id)
        return [summary(match, citizen.id) for match in matches]

    async def follow(self, clerk: Principal, number: str, behalf: Behalf, language: str) -> Request:
        """Make the citizen a follower. Raises what `Following.follow` raises; InvalidError for an unknown account."""
        await self.following.open_to_others(number)  # first: a hidden request must look absent
        citizen = await registered(self.citizens, behalf.on_behalf_of, language)
        followed = await self.following.follow(citizen.id, number, by=clerk.id)
        await self.accesses.note(clerk, followed, of=citizen.id)
        return followed
