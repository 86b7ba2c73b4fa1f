"""HTTP in, one use case, HTTP out."""
