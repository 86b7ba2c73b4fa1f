"""Programs that act as thousands of people, on one suite without rate limits."""
