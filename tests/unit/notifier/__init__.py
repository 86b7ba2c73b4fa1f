"""The notifier without servers."""
