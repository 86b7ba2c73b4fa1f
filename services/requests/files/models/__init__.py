"""Documents and pure rules; no I/O."""
