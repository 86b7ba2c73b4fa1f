"""A registry for demo and test: it knows every CNIC, one in ten with another name."""

from services.identity.citizens.registry.port import Verdict

MISMATCH_ENDING = "9"


class DemoRegistry:
    """Says "mismatch" for CNICs whose last digit is 9."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """The verdict."""
        return "mismatch" if cnic.endswith(MISMATCH_ENDING) else "confirmed"

    async def close(self) -> None:
        """Nothing to close."""
