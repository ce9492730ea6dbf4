"""What can go wrong between laptop and server, each with its own sentence; nothing is ever lost by it.

SyncTrouble (a UserError)
├── NotEnrolled          this laptop has no server yet
├── Offline              no network, no server there, or the line broke
│   └── Slow             the line is there, and the answer did not come in time
├── Portal               something answered, but not with the server's signature
├── BadCertificate       the server's certificate is not trusted
│   ├── WrongHost        … for this address
│   ├── Expired          … any more, on this laptop's date
│   └── WrongClock       … yet, on this laptop's date
├── Busy                 the server asks to come again after `retry_after` seconds
├── TooManyCodes         many wrong enrolment codes came from here
├── TooLarge             smaller pieces, please
├── Gap                  the server lacks something before what was sent; `have` tells from where
├── Forked               this database was copied and used in two places
├── Unsafe               an address that would send children's data in the clear
└── Refused              the server will not take this; `word` says why
"""

from collections.abc import Collection, Mapping
from datetime import date

from posyandu_app.domain.errors import UserError
from posyandu_app.i18n import tr
from posyandu_app.sync.status import Link


class SyncTrouble(UserError):
    """Data stays on this laptop and is sent later; `link` is what contact met."""

    link = Link.UNKNOWN
    retry_after: int | None = None
    """Seconds before which nobody shall ask again by itself, where the server has said so."""

    def __init__(self, message: str, *, code: str, joining: str | None = None) -> None:
        """`joining` is the sentence where a laptop wanted to join: it does not try that again by itself."""
        super().__init__(message, code=code)
        self.joining = joining or message


class NotEnrolled(SyncTrouble):
    """This laptop has not been enrolled with a server."""

    link = Link.NOT_ENROLLED

    def __init__(self) -> None:
        super().__init__(
            tr("Laptop ini belum didaftarkan ke Dinas. Minta kode pendaftaran, lalu daftarkan."),
            code="not_enrolled",
        )


class Offline(SyncTrouble):
    """No answer came; whether the request arrived shows at the next exchange."""

    link = Link.OFFLINE

    def __init__(
        self, message: str | None = None, *, code: str = "offline", joining: str | None = None
    ) -> None:
        super().__init__(
            message
            or tr("Server Dinas tidak terjangkau. Data aman di laptop ini dan dikirim saat jaringan ada."),
            code=code,
            joining=joining
            or tr(
                "Server Dinas tidak terjangkau. Periksa alamat dan jaringan, lalu coba lagi dengan kode yang "
                "sama."
            ),
        )


class Slow(Offline):
    """The request went out and no whole answer came in time; it may have arrived all the same."""

    link = Link.SLOW

    def __init__(self) -> None:
        super().__init__(
            tr("Jaringan sangat lambat; jawaban Dinas belum datang. Data aman di laptop ini, dicoba lagi."),
            code="slow",
            joining=tr(
                "Jaringan sangat lambat; jawaban Dinas belum datang. Coba lagi dengan kode yang sama."
            ),
        )


class Portal(SyncTrouble):
    """An answer without the server's signature, as a hotspot's sign-in page gives: nothing happened."""

    link = Link.PORTAL

    def __init__(self) -> None:
        super().__init__(
            tr("Yang menjawab bukan server Dinas; mungkin Wi-Fi ini minta masuk dulu lewat peramban."),
            code="portal",
        )


class BadCertificate(SyncTrouble):
    """The server cannot prove that it is the one."""

    link = Link.BAD_CERTIFICATE

    def __init__(
        self, message: str | None = None, *, code: str = "bad_certificate", by_stick: bool = True
    ) -> None:
        """`by_stick` says that data may go that way meanwhile."""
        message = message or tr(
            "Alamat server Dinas tidak dapat dipercaya. Coba jaringan lain, atau beri tahu petugas Dinas."
        )
        meanwhile = tr("Data aman; sementara itu kirim lewat flashdisk.")
        super().__init__(f"{message} {meanwhile}" if by_stick else message, code=code, joining=message)


class WrongHost(BadCertificate):
    """Somebody trusted answers, but not whom the address names: mistyped, or another's server."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Sertifikat yang menjawab bukan untuk alamat server Dinas. Periksa alamatnya, coba jaringan "
                "lain, atau beri tahu petugas Dinas."
            ),
            code="wrong_host",
        )


class Expired(BadCertificate):
    """The certificate is over on this laptop's date: the date is wrong, or the Dinas must renew it."""

    link = Link.WRONG_CLOCK

    def __init__(self, today: date) -> None:
        super().__init__(
            tr(
                "Menurut tanggal laptop ini ({day}), sertifikat server Dinas sudah habis. Periksa tanggal "
                "laptop; bila benar, beri tahu petugas Dinas."
            ).format(day=today.strftime("%d/%m/%Y")),
            code="expired",
        )


class WrongClock(BadCertificate):
    """The certificate does not hold yet on this laptop's date: no server hands out such a one."""

    link = Link.WRONG_CLOCK

    def __init__(self, today: date) -> None:
        super().__init__(
            tr(
                "Tanggal laptop ini ({day}) mundur, sehingga server Dinas belum dapat dipercaya. "
                "Betulkan tanggal dan jam laptop."
            ).format(day=today.strftime("%d/%m/%Y")),
            code="wrong_clock",
            by_stick=False,
        )


class Busy(SyncTrouble):
    """The server asks to come again later."""

    link = Link.SERVER_BUSY

    def __init__(self, retry_after: int) -> None:
        joining = tr("Server Dinas sedang sibuk. Tunggu {count} menit, lalu coba lagi dengan kode yang sama.")
        super().__init__(
            tr("Server Dinas sedang sibuk; laptop mencoba lagi sebentar lagi."),
            code="busy",
            joining=joining.format(count=-(-retry_after // 60)),
        )
        self.retry_after = retry_after


class TooManyCodes(SyncTrouble):
    """Nobody gave out this code, nor many that came from here before."""

    link = Link.REFUSED

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Terlalu banyak kode salah dari sini. Cocokkan dulu kodenya dengan petugas Dinas; kode yang "
                "benar langsung diterima."
            ),
            code="too_many_codes",
        )


class TooLarge(SyncTrouble):
    """The request is more than the server or the line takes at once."""

    link = Link.REFUSED

    def __init__(self) -> None:
        super().__init__(
            tr("Kiriman terlalu besar untuk server Dinas. Hubungi petugas Dinas; data aman di laptop ini."),
            code="too_large",
        )


class Gap(SyncTrouble):
    """The server lacks what came before; the engine sends again from `have`."""

    link = Link.REFUSED

    def __init__(self, have: Mapping[str, int]) -> None:
        super().__init__(tr("Server Dinas kehilangan sebagian data; laptop mengirim ulang."), code="gap")
        self.have = dict(have)


class Forked(SyncTrouble):
    """Another copy of this database has written under the same numbers."""

    link = Link.REFUSED

    def __init__(self, evidence: bytes = b"") -> None:
        """`evidence` is what the server said, signed: the engine acts on nothing else."""
        self.evidence = evidence
        super().__init__(
            tr(
                "Data laptop ini pernah disalin dan dipakai di dua tempat. Tidak ada yang hilang; "
                "hubungi petugas Dinas."
            ),
            code="fork",
        )


class Unsafe(SyncTrouble):
    """Children's data shall not cross a network in the clear."""

    link = Link.REFUSED

    def __init__(self) -> None:
        super().__init__(
            tr("Alamat server harus dimulai dengan https:// supaya data anak tidak terbaca di jalan."),
            code="unsafe",
        )


class Refused(SyncTrouble):
    """The server will not take the request; `word` is its reason."""

    link = Link.REFUSED

    def __init__(self, word: str) -> None:
        sentences = {
            "unknown_device": tr("Laptop ini tidak dikenal server. Minta kode baru, lalu daftarkan lagi."),
            "bad_signature": tr("Server tidak mengenali tanda tangan laptop ini. Daftarkan lagi."),
            "code_unknown": tr("Kode ini tidak dikenal. Periksa lagi huruf dan angkanya."),
            "code_used": tr("Kode ini sudah dipakai untuk laptop lain. Minta kode baru dari Dinas."),
            "code_expired": tr("Kode ini sudah lewat masa berlakunya. Minta kode baru dari Dinas."),
            "damaged": tr("Sebagian data rusak di jalan. Coba lagi; bila berulang, hubungi Dinas."),
        }
        other = tr("Server Dinas menolak kiriman ini ({word}). Perbarui aplikasi, atau hubungi Dinas.")
        super().__init__(sentences.get(word) or other.format(word=word), code="refused")
        self.word = word


def quiet_words(incidents: Collection[str]) -> str:
    """The one calm sentence for a person about what was mended by itself; "" when she need not know."""
    return next((_mended(word) for word in ("forked", "new_scope") if word in incidents), "")


def mended_words(incidents: Collection[str], *, differs: bool) -> tuple[str, ...]:
    """A sentence for each thing that did not agree, for whoever asked for the exchange and wants to know.

    `differs` says that something still does: that comes last, with what follows.
    """
    told = {_mended(word): None for word in incidents if not (differs and word in _COMPARED)}
    if differs:
        still = tr(
            "Isi laptop ini dan catatan Dinas belum sama; dicocokkan lagi pada sinkronisasi berikutnya."
        )
        told[f"{still} {tr('Tidak ada yang hilang. Bila besok masih begitu, beri tahu petugas Dinas.')}"] = (
            None
        )
    return tuple(told)


_COMPARED = frozenset({"log_recounted", "log_differs", "rows_differ", "rows_still_differ"})


def _mended(word: str) -> str:
    if word in _COMPARED:
        return tr("Isi laptop ini dan catatan Dinas sempat berbeda; sudah dicocokkan. Tidak ada yang hilang.")
    return {
        "forked": tr(
            "Data laptop ini pernah disalin dan dipakai di dua tempat. "
            "Sudah dirapikan; tidak ada yang hilang."
        ),
        "other_copy": tr(
            "Dinas menjawab untuk salinan lain dari data laptop ini; jawaban itu tidak dipakai. "
            "Tidak ada yang hilang."
        ),
        "new_scope": tr("Dinas memberi laptop ini wilayah kerja yang baru; datanya sedang disesuaikan."),
        "new_epoch": tr(
            "Server Dinas dipulihkan atau diganti; laptop ini sudah menyesuaikan diri. Tidak ada yang hilang."
        ),
        "have_fell": tr("Server Dinas kehilangan sebagian data; laptop mengirim ulang."),
    }.get(word, tr("Ada yang tidak cocok dengan Dinas; sudah dirapikan. Tidak ada yang hilang."))


def code_of(error: UserError) -> str:
    """A word for what stood in the way, short enough to be remembered."""
    return f"refused:{error.word}" if isinstance(error, Refused) else error.code
