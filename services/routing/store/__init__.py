"""Everything of the kernel that knows MongoDB."""
