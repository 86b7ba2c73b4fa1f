"""Collections; only stores know MongoDB."""
