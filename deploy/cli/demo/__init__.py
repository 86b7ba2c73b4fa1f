"""`rabta demo`: replays a city's published requests through the public API and counts them at both ends."""
