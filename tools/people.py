"""CNICs and mobile numbers of invented people, no two alike in one process.

Random numbers would collide: of 1,500 mobiles out of ten million, two are equal in one of ten runs.
"""

import secrets
from itertools import count

_serials = count(secrets.randbelow(10**9))


def new_mobile() -> str:
    """An unused mobile number, in E.164."""
    return f"+923{next(_serials) % 10**9:09d}"


def new_cnic(last: int = 1) -> str:
    """An unused CNIC; `last` is its last digit, odd for men and even for women."""
    return f"35000-{next(_serials) % 10**7:07d}-{last}"
