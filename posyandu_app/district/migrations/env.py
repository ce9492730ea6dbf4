"""Where Alembic starts: on the connection that `store.upgrade` hands over."""

from alembic import context

from posyandu_app.district.schema import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
