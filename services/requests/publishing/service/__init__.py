"""The use cases: reading what is published, publishing words, partners, and what their apps file."""
