"""The gateway without servers, except such as a test makes itself."""
