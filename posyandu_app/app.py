"""Composition root: builds every object of the desktop app; the only module that knows all layers."""
