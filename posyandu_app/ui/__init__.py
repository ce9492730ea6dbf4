"""The desktop: the only room that sees PySide6."""
