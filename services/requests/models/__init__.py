"""The documents and pure rules of requests; no I/O."""
