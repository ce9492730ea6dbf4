"""The messages of the sync protocol, shared by laptop and district server."""
