"""What `make demo` shows: a sample film, more short films, simulated viewers. It may use every wing."""
