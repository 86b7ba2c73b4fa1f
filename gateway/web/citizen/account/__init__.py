"""The citizen's account: registering, signing in and out, a new password, and the citizen's own data."""
