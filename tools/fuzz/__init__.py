"""Every operation of the described API, by every role, with generated values: what the answers must never be."""
