"""HTTPS transport: the only import of httpx."""
