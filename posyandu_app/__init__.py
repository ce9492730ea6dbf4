"""Offline-first growth monitoring for the Indonesian posyandu."""

__version__ = "0.1.0"
