"""The documents and pure rules of routing; no I/O."""
