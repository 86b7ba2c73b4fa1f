"""`rabta demo`: rows that a city published, replayed through the public API and counted at both ends."""
