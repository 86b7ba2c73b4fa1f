"""Problems that several rooms answer with."""

from shared.errors import InvalidError


class KeyReusedError(InvalidError):
    """The Idempotency-Key stands for another body."""

    code = "idempotency-key-reused"
