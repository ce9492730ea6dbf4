"""Steps of the server's schema, taken in order by Alembic; a released step is never changed."""
