"""Real processes and real sockets: what the simulation does in one thread, done to the program as it runs."""
