"""Why a request is not taken: one word for programs, one Indonesian sentence for the person at the laptop."""

from collections.abc import Mapping

from posyandu_app.i18n import tr
from posyandu_app.sync.wire import ErrorReply, Segment


class Refusal(Exception):
    """A request is answered with an error of the protocol; nothing of it was kept.

    `signed` is the same for the laptop, signed by the server, where it shall act on it.
    """

    def __init__(
        self,
        status: int,
        word: str,
        message: str,
        *,
        have: Mapping[str, int] | None = None,
        replica: str | None = None,
        seq: int | None = None,
        first: int | None = None,
        refused: tuple[int, str] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(word)
        self.status = status
        self.retry_after = retry_after
        self.first = first
        self.refused = refused
        self.signed: bytes | None = None
        self.reply = ErrorReply(
            error=word,
            message=message,
            have=dict(have) if have is not None else None,
            replica=replica,
            seq=seq,
        )


def malformed(detail: str) -> Refusal:
    """The message is not in the protocol's form; `detail` is for the technician."""
    sentence = tr("Pesan dari aplikasi ini tidak dapat dibaca server ({detail}). Perbarui aplikasi.")
    return Refusal(400, "malformed", sentence.format(detail=detail))


def unknown_device() -> Refusal:
    """No laptop of that id is enrolled here."""
    return Refusal(
        401,
        "unknown_device",
        tr("Laptop ini belum terdaftar di server Dinas. Minta kode pendaftaran, lalu daftarkan lagi."),
    )


def bad_signature(replica: str | None = None) -> Refusal:
    """The message or segment is not signed by the laptop it names."""
    return Refusal(
        401,
        "bad_signature",
        tr("Tanda tangan laptop ini tidak cocok dengan yang terdaftar. Daftarkan laptop ini lagi."),
        replica=replica,
    )


def gap(have: Mapping[str, int]) -> Refusal:
    """The segment starts after what is held; the laptop sends again from there."""
    return Refusal(
        409, "gap", tr("Ada data sebelumnya yang belum sampai; laptop mengirim ulang dari sana."), have=have
    )


def fork(segment: Segment, seq: int) -> Refusal:
    """Two copies of one database wrote different things under one number.

    When `seq` is before the segment begins, they parted there or earlier.
    """
    return Refusal(
        409,
        "fork",
        tr(
            "Data laptop ini pernah disalin dan dipakai di dua tempat. Tidak ada yang hilang; "
            "hubungi petugas Dinas."
        ),
        replica=segment.replica,
        seq=seq,
        first=segment.first,
        refused=(segment.first + len(segment.ops) - 1, segment.last),
    )


def damaged(replica: str, seq: int) -> Refusal:
    """A hash does not fit: the segment was altered or cut on the way or on the laptop's disk."""
    return Refusal(
        422,
        "damaged",
        tr("Sebagian data rusak di jalan atau di laptop. Coba lagi; bila berulang, hubungi petugas Dinas."),
        replica=replica,
        seq=seq,
    )


def too_large() -> Refusal:
    """More than one request may hold."""
    return Refusal(
        413, "too_large", tr("Kiriman terlalu besar; laptop mengirim dalam bagian yang lebih kecil.")
    )


def too_slow() -> Refusal:
    """The body took too long to come."""
    return Refusal(408, "too_slow", tr("Jaringan terlalu lambat; kiriman dibuat lebih kecil."))


def bad_encoding() -> Refusal:
    """The body is not in the compression it claims."""
    return Refusal(
        415,
        "bad_encoding",
        tr("Kiriman rusak di jalan, atau dipadatkan dengan cara yang tidak dikenal."),
    )


def busy(retry_after: int) -> Refusal:
    """The server has more to do than it can take in now."""
    return Refusal(
        429,
        "busy",
        tr("Server Dinas sedang sibuk; laptop mencoba lagi sebentar lagi."),
        retry_after=retry_after,
    )


def too_many_guesses(retry_after: int) -> Refusal:
    """Nobody gave out this code, nor many that came from there before."""
    return Refusal(
        429,
        "too_many",
        tr("Terlalu banyak kode salah dari sini. Cocokkan kodenya dengan petugas Dinas."),
        retry_after=retry_after,
    )


def code_unknown() -> Refusal:
    """No such code was given out."""
    return Refusal(403, "code_unknown", tr("Kode ini tidak dikenal. Periksa lagi huruf dan angkanya."))


def code_used() -> Refusal:
    """The code has enrolled another laptop."""
    return Refusal(
        403, "code_used", tr("Kode ini sudah dipakai untuk laptop lain. Minta kode baru dari Dinas.")
    )


def code_expired() -> Refusal:
    """The code's days are over."""
    return Refusal(
        403, "code_expired", tr("Kode ini sudah lewat masa berlakunya. Minta kode baru dari Dinas.")
    )


def device_taken() -> Refusal:
    """Another laptop is enrolled under that id."""
    return Refusal(
        409,
        "device_taken",
        tr("Tanda pengenal laptop ini sudah dipakai laptop lain. Coba daftarkan sekali lagi."),
    )
