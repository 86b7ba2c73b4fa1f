"""Filing without an account, and coming back with a key."""
