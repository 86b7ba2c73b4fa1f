"""The texts of messages: templates, languages, and the length of SMS."""
