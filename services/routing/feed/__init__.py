"""What each department is told, as one numbered log: its queues, the pull API and webhooks are served from it."""
