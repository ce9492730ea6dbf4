"""Batches to the district server and back: messages, transport, engine, status."""
