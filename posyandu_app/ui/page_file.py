"""Painted pages and pictures as files: made whole in memory, then written in one go."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPdfWriter

from posyandu_app.reports.saved_file import save

CSS_DPI = 96.0
"""Pages are drawn in px of 1/96 inch."""
PDF_DPI = 1200


@contextmanager
def pdf(
    path: Path,
    title: str,
    *,
    margin_mm: float,
    landscape: bool = False,
    size: QPageSize.PageSizeId = QPageSize.PageSizeId.A4,
    dpi: int = PDF_DPI,
) -> Iterator[QPdfWriter]:
    """Pages to paint on; written at the end, unless painting fails.

    Raises `UserError` when the file cannot be written there.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(dpi)
    writer.setTitle(title)
    writer.setCreator("Posyandu")
    orientation = QPageLayout.Orientation.Landscape if landscape else QPageLayout.Orientation.Portrait
    margins = QMarginsF(margin_mm, margin_mm, margin_mm, margin_mm)
    writer.setPageLayout(QPageLayout(QPageSize(size), orientation, margins, QPageLayout.Unit.Millimeter))
    yield writer
    buffer.close()
    save(path, bytes(data.data()))


def png(path: Path, image: QImage) -> None:
    """Write a picture as PNG; raises `UserError` when it cannot be written there."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    save(path, bytes(data.data()))
