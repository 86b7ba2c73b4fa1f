"""What the words of a history entry are sealed for, by its action."""

from shared.seal import SealPurpose

PURPOSES = {
    "question": SealPurpose.REQUEST_QUESTION,
    "progress": SealPurpose.REQUEST_NOTE,
    "resolve": SealPurpose.REQUEST_REPLY,
    "transfer": SealPurpose.REQUEST_REASON,
    "override": SealPurpose.REQUEST_REASON,
    "remit": SealPurpose.REQUEST_REPLY,
}


def purpose_of(action: str) -> SealPurpose:
    """The purpose that opens an entry's words; citizens' own words are notes."""
    return PURPOSES.get(action, SealPurpose.REQUEST_NOTE)
