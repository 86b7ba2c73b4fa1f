"""The catalogue of services: forms and rules, versions and publishing, and the check of a request against them."""
