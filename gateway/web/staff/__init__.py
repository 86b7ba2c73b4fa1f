"""Pages for all members of staff: signing in with a second factor, and their account."""
