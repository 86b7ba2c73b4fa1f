"""Whether a mail server's refusal is about the address itself: nobody is there, whatever we send.

A full mailbox, a message that is too large or looks like spam, or a server that distrusts ours says nothing of it.
"""

import re

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
"""A status code of RFC 3463, such as 5.1.1."""
NOBODY_THERE = re.compile(r"5\.(1\.([0-6]|10)|2\.1|4\.4|4\.310)")
"""Bad mailbox or domain, a mailbox that is closed, a domain that leads nowhere (the last as Exchange says it)."""
SAYS_NOTHING = re.compile(r"5\.[05]\.\d{1,3}")
"""Codes that servers give for anything: what is said beside them counts."""
MEANT = re.compile(
    r"no such (user|mailbox|recipient|address|account)|unknown (user|mailbox|recipient|address|account)"
    r"|(user|mailbox|recipient|address|account)\W.{0,40}?(unknown|not found|n[o']t exist|invalid|disabled)"
    r"|mailbox unavailable",
    re.IGNORECASE | re.DOTALL,
)
MAX_SAID = 1000


def is_bad_address(status: str, said: str) -> bool:
    """Whether a final refusal means that the address takes no messages: by its status code, else by what was said.

    `status` may be empty; `said` is the server's answer or a report's `Diagnostic-Code`.
    """
    said = said[:MAX_SAID]
    codes = [found[0] for found in ENHANCED.finditer(f"{status} {said}")]
    telling = [code for code in codes if not SAYS_NOTHING.fullmatch(code)]
    if telling:
        return bool(NOBODY_THERE.fullmatch(telling[0]))
    return bool(MEANT.search(said))
