"""The words of messages: templates, languages, and what fits into an SMS."""
