"""The texts of findings about a receipt or a proof."""

from typing import Any

from shared.proof.checks import Finding

WORDS = {
    "no-key": "signature: no key to check it with; get {issuer}/.well-known/receipt-keys.json, then --keys FILE",
    "not-signed": "the receipt was not signed by any of the keys, or was altered",
    "signed": "signature: signed by {issuer} with key {key}",
    "received": "received: {number} ({service}, version {version}, {kind}) at {submitted_at}, "
    "body SHA-256 {body:.16}...",
    "only-receipt": "history: this file is only the receipt; save the answer of /requests/NUMBER/proof and check that",
    "step-altered": "history: step {step} is not as it was written ({what})",
    "other-beginning": "history: it does not begin as the receipt says",
    "history": "history: {steps} steps in one chain that begins as the receipt says; "
    "the last is {action} ({to}) at {at}",
    "no-roots": "daily roots: none is in this file (each day is closed after midnight, UTC)",
    "root-not-signed": "daily root of {day}: not signed as it stands here",
    "root-not-next": "daily root of {day}: does not follow the day before",
    "roots": "daily roots: {span}, each signed, each vouching for the day before",
    "root-differs": "daily root of {day}: not the one in your file of roots",
    "roots-unknown": "daily roots: your file of roots has none of these days",
    "roots-known": "daily roots: {same} of {days} stand in your file of roots, the same",
    "leaf-not-in": "root of {day}: does not hold what is said to be in it",
    "steps-gone": "root of {day}: held {held} steps, the history has {steps}: steps are gone",
    "rewritten": "root of {day}: held another history up to step {step}: it was rewritten",
    "held": "root of {day}: holds this history up to step {step} of {steps}",
    "left-out": "{span}: should stand in a daily root by now, and does not",
    "old-file": "{span}: in no root of this file, and your file of roots has that day: "
    "save the proof anew and check that",
    "not-closed": "{span}: not in a daily root yet (each day is closed after midnight, UTC)",
    "earlier-other": "earlier proof: its receipt is of another request, or not signed by these keys",
    "earlier-stands": "earlier proof: all {steps} steps that it showed are still there, unchanged",
    "earlier-altered": "earlier proof: steps that it showed were altered or removed since",
    "earlier-root": "daily root of {day}: another one than in the earlier proof",
}


def words_of(finding: Finding) -> str:
    """A finding as a line."""
    values = {name: str(value) for name, value in finding.values.items()}
    if finding.code == "no-key":
        values["issuer"] = str(finding.values["issuer"] or "the portal")
    return WORDS[finding.code].format(**values, span=_span(finding.code, finding.values))


def _span(code: str, values: Any) -> str:
    """From the first to the last, if they differ."""
    if "first" not in values:
        return ""
    first, last = values["first"], values["last"]
    if code == "roots":
        return f"{first} to {last}" if values["days"] > 1 else str(first)
    return f"steps {first} to {last}" if first < last else f"step {last}"
