"""The citizen's requests: the list, each request with its actions, and the requests of others that they follow."""
