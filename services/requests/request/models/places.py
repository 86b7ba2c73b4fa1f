"""The place that the words of a history entry were sealed for, by its action."""

PLACES = {
    "question": "request.question",
    "progress": "request.note",
    "resolve": "request.reply",
    "transfer": "request.reason",
    "override": "request.reason",
    "remit": "request.reply",
}


def place_of(action: str) -> str:
    """The place to unseal an entry's words with; citizens' own words are notes."""
    return PLACES.get(action, "request.note")
