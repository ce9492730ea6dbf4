"""Pictures of an analysis on screen: they are read and opened by keys, mouse and screen reader alike."""

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from posyandu_app.reports.child_lists import Line
from posyandu_app.ui import paint, theme
from posyandu_app.ui.analysis.areas_view import line_words
from posyandu_app.ui.models.rows import paint_ground
from posyandu_app.ui.pictures import areas, dots, flow, trend
from posyandu_app.ui.pictures.areas import AreaPicture
from posyandu_app.ui.pictures.dots import Dot, Dots
from posyandu_app.ui.pictures.flow import Flow
from posyandu_app.ui.pictures.style import PictureStyle
from posyandu_app.ui.pictures.trend import Trend
from posyandu_app.ui.widgets.rows import Rows

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
CARD = 3


class QuietRows(Rows):
    """Rows that leave letters, digits and what is pressed with Ctrl to the screen."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        printable = bool(event.text()) and event.text().isprintable() and event.text() != " "
        if printable or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)


class RowModel(QAbstractListModel):
    """Rows of a picture, each with its key and its words for those who listen."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, object, str], ...] = ()

    def set_rows(self, rows: tuple[tuple[str, object, str], ...]) -> None:
        """(key, row, words) each."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def key(self, at: int) -> str:
        return self._rows[at][0] if 0 <= at < len(self._rows) else ""

    def index_of(self, key: str) -> int:
        """Where a key stands, −1 when it does not."""
        return next((at for at, row in enumerate(self._rows) if row[0] == key), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        _, row, told = self._rows[index.row()]
        if role == ROW:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return told
        return None


class PictureWidget(QWidget):
    """A card with one picture; `opened` carries the key of what Enter opens, `chose` what was chosen."""

    opened = Signal(str)
    chose = Signal(str)

    def paint_card(self, painter: QPainter) -> None:
        """The white ground of the picture."""
        look = theme.current()
        paint.card(painter, QRectF(self.rect()), look)
        if self.hasFocus() and self.focusProxy() is None:
            paint.focus_ring(painter, QRectF(self.rect()), theme.RADIUS, look)


class _Head(QWidget):
    """The axis over the rows."""

    def __init__(self, parent: "DotsView") -> None:
        super().__init__(parent)
        self._view = parent
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        picture = self._view.picture
        flat = picture is not None and not picture.axis
        return QSize(300, round(theme.current().px(dots.FLAT_HEAD if flat else dots.HEAD)) + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._view.picture
        if picture is not None:
            style = PictureStyle.of(self)
            cols = self._view.columns(style)
            rect = QRectF(0, 4, self._view.list.viewport().width(), self.height() - 4)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            dots.paint_head(painter, rect, picture, cols, style)


class DotsView(PictureWidget):
    """Rows on one axis; the list has the keyboard."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self.picture: Dots | None = None
        self._columns: tuple[object, dots.Columns] | None = None
        self.head = _Head(self)
        self.list = QuietRows(self, accessible, name=name)
        self.list.setViewportMargins(0, 0, 0, 6)
        self.model = RowModel(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_DotDelegate(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(CARD, CARD, CARD, CARD)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self.list.clicked.connect(lambda _: self.opened.emit(self.chosen))
        self.list.opened.connect(lambda: self.opened.emit(self.chosen))
        self.list.selectionModel().currentChanged.connect(lambda *_: self.chose.emit(self.chosen))

    @property
    def chosen(self) -> str:
        return self.model.key(self.list.currentIndex().row())

    def show_picture(self, picture: Dots, chosen: str) -> None:
        """Show these rows, with one chosen."""
        self.picture, self._columns = picture, None
        self.model.set_rows(tuple((row.key, row, row.told()) for row in picture.rows))
        at = max(self.model.index_of(chosen), 0)
        if picture.rows:
            self.list.setCurrentIndex(self.model.index(at, 0))
            self.list.scrollTo(self.model.index(at, 0))
        self.head.updateGeometry()
        self.head.update()

    def columns(self, style: PictureStyle) -> dots.Columns:
        """The columns at the width of now."""
        assert self.picture is not None
        key = (id(self.picture), self.list.viewport().width(), style)
        if self._columns is None or self._columns[0] != key:
            found = dots.columns(self.picture, 0, self.list.viewport().width(), style)
            self._columns = (key, found)
        return self._columns[1]

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_card(QPainter(self))


class _DotDelegate(QStyledItemDelegate):
    def __init__(self, view: DotsView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(300, round(theme.current().px(dots.ROW)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, picture = index.data(ROW), self._view.picture
        if not isinstance(row, Dot) or picture is None:
            return
        style = PictureStyle.of(self._view)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        last = index.row() == len(picture.rows) - 1
        paint_ground(painter, rect, style.look, selected, last, self._view.list)
        dots.paint_row(painter, rect, row, picture, self._view.columns(style), style)
        painter.restore()


class PeopleView(PictureWidget):
    """Children by name and address, or masked."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self.list = QuietRows(self, accessible, name=name)
        self.index = ""
        self._lines: tuple[Line, ...] = ()
        self._widest = ("", 0.0)
        self.several = False
        """Whether they live in several places: a narrow list then names the place under the name."""
        self.model = RowModel(self)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_PeopleDelegate(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(CARD, CARD, CARD, CARD)
        column.addWidget(self.list)
        self.setFocusProxy(self.list)
        self.list.clicked.connect(lambda _: self.opened.emit(self.chosen))
        self.list.opened.connect(lambda: self.opened.emit(self.chosen))
        self.list.selectionModel().currentChanged.connect(lambda *_: self.chose.emit(self.chosen))

    @property
    def chosen(self) -> str:
        return self.model.key(self.list.currentIndex().row())

    def show_lines(self, lines: tuple[Line, ...], index: str, chosen: str) -> None:
        """Show these children; their z-scores are of that index."""
        self.index, self._lines, self._widest = index, lines, ("", 0.0)
        self.several = len({line.posyandu for line in lines}) > 1
        self.model.set_rows(
            tuple(
                (line.person.id, line, ", ".join(word for word in line_words(line, index) if word))
                for line in lines
            )
        )
        if lines:
            at = self.model.index(max(self.model.index_of(chosen), 0), 0)
            self.list.setCurrentIndex(at)
            self.list.scrollTo(at)

    def widest(self, style: PictureStyle) -> float:
        """How wide the figures at the right are, so that the columns of all rows stand under each other."""
        strong, small = style.font("strong", figures=True), style.font("small", figures=True)
        key = f"{strong.key()}{small.key()}"
        if self._widest[0] != key:
            upper, lower = QFontMetricsF(strong), QFontMetricsF(small)
            told = [line_words(line, self.index)[4:] for line in self._lines]
            wide = [max(upper.horizontalAdvance(a), lower.horizontalAdvance(b)) for a, b in told]
            self._widest = (key, max(wide, default=0.0))
        return self._widest[1]

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_card(QPainter(self))


NARROW = 560
"""Below this there is no room for where a child lives, px."""


class _PeopleDelegate(QStyledItemDelegate):
    def __init__(self, view: PeopleView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(300, round(theme.current().px(62)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        if not isinstance(row, Line):
            return
        style = PictureStyle.of(self._view)
        c, rect, line = style.colors, QRectF(option.rect), style.px(23)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        paint_ground(painter, rect, style.look, selected, False, self._view.list)
        name, below, where, house, figure, measured = line_words(row, self._view.index)
        x, middle = rect.left() + 24, rect.center().y()
        room = rect.width() - 48
        narrow = room < style.px(NARROW)
        right = min(self._view.widest(style), room * (0.62 if narrow else 0.45))
        if narrow and self._view.several:
            below = f"{where}, {below}" if below else where
        left = room - right if narrow else (room - right) * 0.55
        small = QFontMetricsF(style.font("small", figures=True))
        columns = (
            (name, below, left, theme.ALIGN_LEFT, "strong"),
            (where, house, room - right - left, theme.ALIGN_LEFT, "body"),
            (figure, measured, right + 16, theme.ALIGN_RIGHT, "strong"),
        )
        for upper, lower, column, align, role in columns[:: 2 if narrow else 1]:
            width = column - 16
            glue = ", " if ", " in lower else " · "
            lower = paint.as_fits(lower.split(glue), small, width, glue)
            box = QRectF(x, middle - line if lower else middle - line / 2, width, line)
            paint.text(painter, box, upper, style.font(role, figures=True), c.ink, align)
            if lower:
                under = QRectF(x, middle + 1, width, line)
                paint.text(painter, under, lower, style.font("small", figures=True), c.ink_soft, align)
            x += column
        painter.restore()


class _Painted(PictureWidget):
    """A picture painted whole, that has the keyboard itself."""

    PAD = 18

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent)
        self._accessible = accessible
        self.chosen = ""
        self.setObjectName(name)
        self.setAccessibleName(accessible)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def area(self) -> QRectF:
        """Where the picture is painted."""
        return QRectF(self.rect()).adjusted(self.PAD, self.PAD, -self.PAD, -self.PAD + 4)

    def choose(self, key: str) -> None:
        """Choose something, and say so."""
        if key and key != self.chosen:
            self.chosen = key
            self.setAccessibleDescription(self.told())
            self.chose.emit(key)
            self.update()

    def told(self) -> str:
        """What is chosen, in words."""
        return ""

    def minimumSizeHint(self) -> QSize:
        return QSize(360, round(theme.current().px(180)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.key() in steps:
            self.step(*steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.chosen)
        else:
            event.ignore()

    def step(self, dx: int, dy: int) -> None:
        """An arrow key."""


class TrendView(_Painted):
    """A line over time; arrow keys read its points."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name)
        self.picture: Trend | None = None
        self.read: int | None = None

    def show_picture(self, picture: Trend, chosen: str) -> None:
        """Show this line; the last point is read first."""
        self.picture = picture
        self.read = len(picture.points) - 1 if picture.points else None
        self.setAccessibleDescription(self.told())
        self.update()

    def told(self) -> str:
        if self.picture is None or self.read is None:
            return ""
        return ", ".join(self.picture.points[self.read].reading)

    def step(self, dx: int, dy: int) -> None:
        if self.picture is not None and self.read is not None:
            self._read(max(0, min(len(self.picture.points) - 1, self.read + dx)))

    def _read(self, at: int) -> None:
        self.read = at
        self.setAccessibleDescription(self.told())
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.picture is not None:
            at = trend.nearest(self.area(), self.picture, PictureStyle.of(self), event.position().x())
            if at is not None:
                self._read(at)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_card(painter)
        if self.picture is not None:
            trend.paint_trend(painter, self.area(), self.picture, PictureStyle.of(self), self.read)


class AreasView(_Painted):
    """The map or the tiles; arrow keys go to the area next to it, Enter goes into it."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name)
        self.picture: AreaPicture | None = None

    def show_picture(self, picture: AreaPicture, chosen: str) -> None:
        """Show these areas; without a choice the worst is chosen."""
        self.picture = picture
        keys = [place.key for place in picture.places]
        self.chosen = chosen if chosen in keys else next(iter(keys), "")
        self.setAccessibleDescription(self.told())
        self.updateGeometry()
        self.update()

    def told(self) -> str:
        if self.picture is None:
            return ""
        place = next((place for place in self.picture.places if place.key == self.chosen), None)
        return "" if place is None else place.told(self.picture.grades)

    def step(self, dx: int, dy: int) -> None:
        if self.picture is not None:
            style = PictureStyle.of(self)
            self.choose(areas.beside(self.area(), self.picture, style, self.chosen, dx, dy))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        if self.picture is not None:
            key = areas.place_at(self.area(), self.picture, PictureStyle.of(self), event.position())
            if key and key == self.chosen:
                self.opened.emit(key)
            self.choose(key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_card(painter)
        if self.picture is not None:
            areas.paint_areas(painter, self.area(), self.picture, PictureStyle.of(self), self.chosen)


class FlowView(_Painted):
    """The same children at two times; Enter leads to the children of the chosen part."""

    def __init__(self, parent: QWidget, accessible: str, *, name: str) -> None:
        super().__init__(parent, accessible, name=name)
        self.picture: Flow | None = None

    def show_picture(self, picture: Flow, chosen: str) -> None:
        """Show these bars."""
        self.picture = picture
        self.chosen = chosen if chosen in picture.keys else next(iter(picture.keys), "")
        self.setAccessibleDescription(self.told())
        self.updateGeometry()
        self.update()

    def told(self) -> str:
        part = None if self.picture is None else self.picture.part(self.chosen)
        return "" if part is None else f"{part.label} {part.figure}"

    def minimumSizeHint(self) -> QSize:
        tall = 0.0 if self.picture is None else flow.height(self.picture, PictureStyle.of(self))
        return QSize(420, round(tall * flow.LEAST) + 2 * self.PAD)

    def step(self, dx: int, dy: int) -> None:
        if self.picture is None or not self.picture.keys:
            return
        keys = self.picture.keys
        at = keys.index(self.chosen) + (dx or dy)
        self.choose(keys[max(0, min(len(keys) - 1, at))])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        if self.picture is not None:
            key = flow.part_at(self.area(), self.picture, PictureStyle.of(self), event.position())
            if key and key == self.chosen:
                self.opened.emit(key)
            self.choose(key)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_card(painter)
        if self.picture is not None:
            flow.paint_flow(painter, self.area(), self.picture, PictureStyle.of(self), self.chosen)
