"""`rabta verify-receipt`: checks a receipt or a proof offline, by nothing but the file and what the reader trusts."""
