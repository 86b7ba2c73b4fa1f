"""`rabta verify-receipt`: checks a receipt or a proof offline, with the file and trusted keys or roots only."""
