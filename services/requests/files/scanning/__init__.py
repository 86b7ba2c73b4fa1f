"""Looking for viruses in attachments: the port, and what stands behind it."""

from services.requests.files.scanning.clamd import Clamd
from services.requests.files.scanning.port import Scanner, Unscanned, scanner_of
from services.requests.files.scanning.verdict import Verdict

__all__ = ["Clamd", "Scanner", "Unscanned", "Verdict", "scanner_of"]
