"""Facts of requests, tallies of groups of them, and which of those may be published. No I/O."""
