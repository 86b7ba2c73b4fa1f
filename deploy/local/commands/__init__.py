"""The commands that run the suite on this machine."""
