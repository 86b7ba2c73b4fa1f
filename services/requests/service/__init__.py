"""The use cases of requests: filing, what a citizen does later, and reading."""
