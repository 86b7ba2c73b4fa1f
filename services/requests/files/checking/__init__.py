"""Whether a file is what we take, and the form in which it is kept: decided by decoding it, in a process apart."""

from services.requests.files.checking.pool import CheckedFile, Checkers
from services.requests.files.checking.refusals import FileRefusedError, FileTypeError

__all__ = ["CheckedFile", "Checkers", "FileRefusedError", "FileTypeError"]
