"""The district server; never part of the desktop build."""
