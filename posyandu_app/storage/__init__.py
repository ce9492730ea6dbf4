"""The encrypted SQLite database: the only room that sees the driver."""
