"""The plumbing that every service needs, and the event contracts. It knows no service.

Entry test: three services need it, and it holds no noun of the domain (the contracts in `events` apart).
"""
