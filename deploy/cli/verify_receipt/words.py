"""The texts of findings about a receipt or a proof."""

from typing import Any

from shared.proof.checks import Finding

WORDS = {
    "no-key": "signature: no key to check it; get {issuer}/.well-known/receipt-keys.json, then --keys FILE",
    "not-signed": "the receipt was altered, or not signed by any of the keys",
    "signed": "signature: signed by {issuer} with key {key}",
    "received": "received: {number} ({service}, version {version}, {kind}) at {submitted_at}, "
    "body SHA-256 {body:.16}...",
    "only-receipt": "history: this file is only the receipt; save and check /requests/NUMBER/proof",
    "step-altered": "history: step {step} was altered ({what})",
    "other-beginning": "history: its beginning does not match the receipt",
    "history": "history: {steps} steps in one chain whose beginning matches the receipt; "
    "the last is {action} ({to}) at {at}",
    "no-roots": "daily roots: none in this file (each day is closed after midnight, UTC)",
    "root-not-signed": "daily root of {day}: its signature is wrong",
    "root-not-next": "daily root of {day}: does not follow the day before",
    "roots": "daily roots: {span}, each signed, each covering the day before",
    "root-differs": "daily root of {day}: differs from the one in your file of roots",
    "roots-unknown": "daily roots: your file of roots has none of these days",
    "roots-known": "daily roots: {same} of {days} match your file of roots",
    "leaf-not-in": "root of {day}: the proof that it covers this history is wrong",
    "steps-gone": "root of {day}: covered {held} steps, the history has {steps}: steps were removed",
    "rewritten": "root of {day}: covered another history up to step {step}: it was rewritten",
    "held": "root of {day}: covers this history up to step {step} of {steps}",
    "left-out": "{span}: should be in a daily root by now, but missing",
    "old-file": "{span}: in no root of this file, although your file of roots has that day: "
    "save the proof again and check that",
    "not-closed": "{span}: not in a daily root yet (each day is closed after midnight, UTC)",
    "earlier-other": "earlier proof: its receipt is for another request, or not signed by these keys",
    "earlier-stands": "earlier proof: all its {steps} steps are still there, unchanged",
    "earlier-altered": "earlier proof: some of its steps were altered or removed since",
    "earlier-root": "daily root of {day}: differs from the one in the earlier proof",
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
