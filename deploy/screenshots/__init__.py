"""Screenshots of the pages for `docs/screenshots`, always with the same people and requests."""
