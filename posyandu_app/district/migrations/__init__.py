"""Steps of the server's schema, taken in order by Alembic; a released step is never changed."""

LATEST = "0004"
"""The last step, known without loading Alembic: most starts have nothing to do."""
