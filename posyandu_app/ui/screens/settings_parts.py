"""What stands under "Pengaturan": one line for each part, in the order of their number keys."""

from posyandu_app.domain.model import Role
from posyandu_app.i18n import tr
from posyandu_app.ui.widgets.parts import Part


def parts(role: str) -> tuple[Part, ...]:
    """The parts that this role may open."""
    everybody = frozenset(Role)
    field = frozenset((Role.KADER, Role.BIDAN))
    table = (
        (
            everybody,
            Part(
                "display",
                "a-large-small",
                tr("Tampilan"),
                tr("Ukuran huruf, kontras, bahasa, dan kapan laptop terkunci sendiri."),
            ),
        ),
        (
            field,
            Part(
                "import",
                "file-spreadsheet",
                tr("Impor daftar anak"),
                tr("Ambil anak dari berkas e-PPGBM atau dari lembar Excel yang Anda isi."),
            ),
        ),
        (
            everybody,
            Part(
                "users",
                "users",
                tr("Pengguna laptop ini"),
                tr("Tambah orang, ganti kata sandi, atau keluarkan yang tidak bertugas lagi."),
            ),
        ),
        (
            everybody,
            Part(
                "rules",
                "scroll-text",
                tr("Aturan program"),
                tr("KBM, garis merah, kapan dirujuk, target: setiap angka dengan sumbernya."),
            ),
        ),
    )
    return tuple(part for roles, part in table if role in roles or roles == everybody)
