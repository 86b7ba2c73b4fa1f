"""Short runs of the tools, and tests of the stand-ins."""
