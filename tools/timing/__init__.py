"""Whether an answer takes as long for an account that is there as for one that is not: over HTTP on a running suite."""
