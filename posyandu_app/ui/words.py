"""How screens put values into words: the same everywhere."""

from datetime import date, datetime

from posyandu_app.domain import names
from posyandu_app.domain.age import MONTH_NAMES, label
from posyandu_app.domain.dates import format_date, format_time
from posyandu_app.domain.model import Child, Sex
from posyandu_app.domain.numbers import format_length, format_weight
from posyandu_app.i18n import tr
from posyandu_app.sync.status import Link, SyncStatus

NOTHING = "—"


def day_short(day: date, today: date) -> str:
    """ "3 Okt", with the year when it is another one than today's."""
    month = tr(MONTH_NAMES[day.month - 1])[:3]
    return f"{day.day} {month}" if day.year == today.year else f"{day.day} {month} {day.year}"


def moment(at: datetime) -> str:
    """ "23/11/2026 09.42", on the clock of whoever wrote it."""
    return f"{format_date(at.date())} {format_time(at)}"


def weight(grams: int | None) -> str:
    """ "8,4 kg"."""
    return NOTHING if grams is None else f"{format_weight(grams)} kg"


def length(millimetres: int | None) -> str:
    """ "85,2 cm"."""
    return NOTHING if millimetres is None else f"{format_length(millimetres)} cm"


def sex(value: Sex | None) -> str:
    """ "Laki-laki", "Perempuan"."""
    return {Sex.MALE: tr("Laki-laki"), Sex.FEMALE: tr("Perempuan"), None: NOTHING}[value]


def age(child: Child, on: date) -> str:
    """ "2 tahun 3 bulan"."""
    return NOTHING if child.birth_date is None else label(child.birth_date, on)


def mother(child: Child) -> str:
    """ "Ibu Siti Aminah"."""
    if not child.mother_name:
        return tr("Nama ibu belum dicatat")
    return tr("Ibu {name}").format(name=names.display(child.mother_name))


def place(child: Child) -> str:
    """ "RT 02 / RW 05"; an unknown part is left out."""
    parts = [f"RT {child.rt}" if child.rt else "", f"RW {child.rw}" if child.rw else ""]
    return " / ".join(part for part in parts if part) or NOTHING


def family(child: Child, posyandu: str) -> str:
    """Whose child she is; where the posyandu is named in the place of RT and RW, those are told here."""
    told = (mother(child), place(child) if posyandu and (child.rt or child.rw) else "")
    return " · ".join(part for part in told if part)


def address(child: Child) -> str:
    """ "Kampung Cibogo, RT 02 / RW 05", to find the house; an unknown part is left out."""
    parts = (child.address or "", place(child) if child.rt or child.rw else "")
    return ", ".join(part for part in parts if part) or NOTHING


def sync_line(status: SyncStatus, network_on: bool) -> tuple[str, str, str, str]:
    """Icon, colour token, title and sentence of the quiet status: what is safe here, what the Dinas has."""
    sentence = f"{status.message.rstrip('.')}."
    if not network_on:
        return "wifi-off", "ink_soft", tr("Bekerja tanpa jaringan"), sentence
    title = tr("Tersimpan di laptop ini")
    if not status.enrolled:
        return "laptop", "ink_soft", title, sentence
    if hindrance := _hindrance(status.link):
        return "cloud-off", "ink_soft", title, f"{sentence} {hindrance}"
    return (
        ("cloud-upload", "ink_soft", title, sentence)
        if status.unsent
        else ("cloud-check", "accent", title, sentence)
    )


def _hindrance(link: Link) -> str:
    """What stands in the way of sync, as far as people can do something about it."""
    return {
        Link.OFFLINE: tr("Internet belum ada."),
        Link.SLOW: tr("Jaringan lambat; dicoba lagi nanti."),
        Link.PORTAL: tr("Wi-Fi ini minta masuk dulu lewat peramban."),
        Link.BAD_CERTIFICATE: tr("Alamat Dinas tidak bisa dipercaya; tanyakan ke petugas."),
        Link.WRONG_CLOCK: tr("Periksa tanggal dan jam laptop; bila benar, tanyakan ke petugas."),
        Link.SERVER_BUSY: tr("Dinas sedang sibuk; dicoba lagi nanti."),
        Link.REFUSED: tr("Dinas menolak laptop ini; tanyakan ke petugas."),
    }.get(link, "")
