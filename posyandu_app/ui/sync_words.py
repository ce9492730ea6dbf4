"""What was exchanged and what stood in the way, in words."""

from posyandu_app.i18n import tr
from posyandu_app.services.sync_book import Past, PutAside
from posyandu_app.ui import words


def trouble(code: str) -> str:
    """What stood in the way of an exchange, short; "" for nothing."""
    known = {
        "": "",
        "stopped": tr("dihentikan di tengah jalan"),
        "offline": tr("internet belum ada"),
        "portal": tr("Wi-Fi minta masuk dulu lewat peramban"),
        "bad_certificate": tr("alamat server tidak dapat dipercaya; beri tahu petugas Dinas"),
        "slow": tr("jaringan lambat; jawaban belum datang"),
        "wrong_host": tr("yang menjawab bukan alamat server Dinas; periksa alamatnya"),
        "expired": tr("sertifikat server habis; periksa tanggal laptop, atau beri tahu petugas Dinas"),
        "wrong_clock": tr("tanggal laptop salah; periksa tanggal dan jam"),
        "busy": tr("server Dinas sedang sibuk"),
        "too_large": tr("kiriman terlalu besar; hubungi petugas Dinas"),
        "gap": tr("server kehilangan sebagian data; laptop mengirim ulang"),
        "fork": tr("data laptop ini pernah disalin ke laptop lain; hubungi petugas Dinas"),
        "wiped": tr("izin laptop ini dicabut Dinas"),
        "unsafe": tr("alamat server tidak aman"),
        "stick_full": tr("flashdisk penuh"),
        "stick_gone": tr("flashdisk tercabut"),
        "stick_read_only": tr("flashdisk terkunci, tidak dapat ditulis"),
        "stick_missing": tr("flashdisk tidak ditemukan"),
        "stick_unreliable": tr("flashdisk rusak; pakai yang lain"),
        "damaged": tr("ada berkas rusak; minta disalin lagi"),
        "not_believed": tr("ada berkas yang bukan dari Dinas laptop ini"),
        "left_out": tr("sebagian isi menyusul lewat Dinas"),
        "refused:unknown_device": tr("laptop ini tidak dikenal server; minta kode baru"),
    }
    return known.get(code, tr("belum berhasil; laptop mencoba lagi sendiri"))


def joining_field(code: str) -> str:
    """The field that a refused joining is about: "url", "code", "name", or "" for none of them."""
    return _JOINING_FIELDS.get(code, "")


_JOINING_FIELDS = {
    "bad_address": "url",
    "unsafe": "url",
    "bad_code": "code",
    "refused:code_unknown": "code",
    "refused:code_used": "code",
    "refused:code_expired": "code",
    "too_many_codes": "code",
    "other_area": "code",
    "bad_name": "name",
}


def exchange(item: Past) -> tuple[str, str, str]:
    """When, which way, and what came of it."""
    ways = {
        "line": tr("Internet"),
        "stick_out": tr("Salin ke flashdisk"),
        "stick_in": tr("Baca flashdisk"),
    }
    when = words.NOTHING if item.at is None else words.moment(item.at)
    parts = []
    if item.way == "stick_out" and (item.sent or not item.trouble):
        parts.append(tr("{count} data disalin").format(count=item.sent))
    elif item.sent or item.received or not item.trouble:
        told = tr("{sent} data diterima Dinas, {received} data masuk")
        parts.append(told.format(sent=item.sent, received=item.received))
    if item.trouble:
        parts.append(trouble(item.trouble))
    if item.times > 1:
        parts.append(tr("{count} kali").format(count=item.times))
    return when, ways.get(item.way, item.way), "; ".join(parts)


def aside(item: PutAside) -> tuple[str, str]:
    """What was put aside, and why with the next step."""
    more = tr("{what} dan {count} catatan lain").format(what=item.what, count=item.count - 1)
    return (more if item.count > 1 else item.what), f"{item.why} {item.next_step}"
