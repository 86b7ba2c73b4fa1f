"""Filing a request, drafts of it, and what filing would say."""
