"""Applying and complaining, with or without a name: from the first question to the confirmation."""
