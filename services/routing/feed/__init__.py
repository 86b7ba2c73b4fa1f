"""The numbered log of the messages of each department, from which its queues, the pull API and webhooks are served."""
