"""Whether a file is what we take, and the form in which it is kept: decided by decoding it, in a process apart."""
