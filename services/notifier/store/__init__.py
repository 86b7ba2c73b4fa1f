"""The notifier's collections in MongoDB."""
