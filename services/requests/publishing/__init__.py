"""What the public may see of requests, and the partners whose apps file and follow requests for people."""
