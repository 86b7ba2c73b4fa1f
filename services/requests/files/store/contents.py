"""File contents in GridFS: encrypted pieces, one in each chunk."""

from collections.abc import AsyncIterator
from contextlib import suppress

from gridfs.errors import NoFile

from services.requests.files.pieces import SEALED_PIECE, opened, pieces_of, sealed
from shared.mongo import Database, file_bucket


class MissingFileError(Exception):
    """Some or all pieces are missing."""


class ContentStore:
    """Files by the id of their attachment."""

    def __init__(self, database: Database) -> None:
        self._files = file_bucket(database, "contents", SEALED_PIECE)
        self._chunks = database["contents.chunks"]

    async def write(self, file_id: str, key: str, content: bytes) -> None:
        """Store a file. After an error the sweep removes its pieces."""
        stream = self._files.open_upload_stream_with_id(file_id, file_id)
        try:
            for piece in sealed(key, file_id, content):
                await stream.write(piece)
            await stream.close()
        except BaseException:
            await stream.abort()
            raise

    async def read(self, file_id: str, key: str, size: int) -> AsyncIterator[bytes]:
        """A file of `size` bytes, piece by piece. Raises MissingFileError, SealBrokenError.

        Each piece is read when it is needed: a slow reader holds one piece and no cursor.
        """
        last = pieces_of(size) - 1
        for index in range(last + 1):
            chunk = await self._chunks.find_one({"files_id": str(file_id), "n": index}, {"data": 1})
            if chunk is None:
                raise MissingFileError
            yield opened(key, file_id, chunk["data"], index, last)

    async def delete(self, file_id: str) -> None:
        """Delete a file, even an incomplete one."""
        with suppress(NoFile):
            await self._files.delete(file_id)
