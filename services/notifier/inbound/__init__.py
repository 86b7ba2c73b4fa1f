"""SMS that people send to us: what they ask for, and our answer."""
