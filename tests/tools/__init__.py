"""The short forms of the tools, and tests of the stand-ins."""
