"""The danger signs that are asked about at every visit, by age."""

from posyandu_app.domain.labels import Labelled
from posyandu_app.i18n import tr

NEWBORN_DAYS = 28
"""Up to this day of life the Buku KIA has its own list of danger signs."""


class DangerSign(Labelled):
    """The danger signs of the Buku KIA, and lethargy from MTBS; any one means refer today."""

    CANNOT_DRINK = "tidak_bisa_minum"
    VOMITING = "muntah"
    CONVULSION = "kejang"
    BREATHLESS = "sesak_napas"
    BLUE = "biru"
    LETHARGIC = "lemas_tidak_sadar"
    HIGH_FEVER = "demam_tinggi"
    DIARRHOEA = "diare"
    BLEEDING = "perdarahan"
    SWOLLEN_EAR = "bengkak_telinga"
    NOT_SUCKING = "tidak_mau_menyusu"
    WEAK = "lemah"
    COLD = "dingin"
    YELLOW = "kuning"
    WHIMPERING = "merintih"
    NAVEL = "tali_pusat"
    PALE_STOOL = "tinja_pucat"

    @property
    def label(self) -> str:
        return {
            DangerSign.CANNOT_DRINK: tr("Tidak bisa minum atau menyusu"),
            DangerSign.VOMITING: tr("Muntah-muntah"),
            DangerSign.CONVULSION: tr("Kejang"),
            DangerSign.BREATHLESS: tr("Sesak napas"),
            DangerSign.BLUE: tr("Tampak biru"),
            DangerSign.LETHARGIC: tr("Sangat lemas atau tidak sadar"),
            DangerSign.HIGH_FEVER: tr("Demam atau panas tinggi"),
            DangerSign.DIARRHOEA: tr("Diare"),
            DangerSign.BLEEDING: tr("Perdarahan di hidung, kulit, atau saat BAB"),
            DangerSign.SWOLLEN_EAR: tr("Bengkak yang nyeri di belakang telinga"),
            DangerSign.NOT_SUCKING: tr("Tidak mau menyusu"),
            DangerSign.WEAK: tr("Lemah"),
            DangerSign.COLD: tr("Badan dingin"),
            DangerSign.YELLOW: tr("Kulit dan mata kuning"),
            DangerSign.WHIMPERING: tr("Menangis atau merintih terus-menerus"),
            DangerSign.NAVEL: tr("Tali pusat merah sampai dinding perut, berbau, atau bernanah"),
            DangerSign.PALE_STOOL: tr("Tinja berwarna pucat"),
        }[self]


_NEWBORN_SIGNS = (
    DangerSign.NOT_SUCKING,
    DangerSign.CONVULSION,
    DangerSign.BREATHLESS,
    DangerSign.WEAK,
    DangerSign.COLD,
    DangerSign.HIGH_FEVER,
    DangerSign.YELLOW,
    DangerSign.WHIMPERING,
    DangerSign.VOMITING,
    DangerSign.DIARRHOEA,
    DangerSign.NAVEL,
    DangerSign.PALE_STOOL,
)
_CHILD_SIGNS = (
    DangerSign.CANNOT_DRINK,
    DangerSign.CONVULSION,
    DangerSign.BREATHLESS,
    DangerSign.BLUE,
    DangerSign.LETHARGIC,
    DangerSign.HIGH_FEVER,
    DangerSign.VOMITING,
    DangerSign.DIARRHOEA,
    DangerSign.BLEEDING,
    DangerSign.SWOLLEN_EAR,
)


def danger_signs_for(age_days: int | None) -> tuple[DangerSign, ...]:
    """The signs to ask about at this age, gravest first (Buku KIA 2023: 0–28 days, and older)."""
    return _NEWBORN_SIGNS if age_days is not None and age_days <= NEWBORN_DAYS else _CHILD_SIGNS
