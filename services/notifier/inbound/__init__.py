"""SMS that people send to us: what they ask for, and the one answer that each gets."""
