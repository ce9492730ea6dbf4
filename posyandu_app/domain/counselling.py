"""What to say to the mother, in plain words, chosen by age and finding; every text names its source.

No text holds a health rule of our own: figures and advice are those of the Buku KIA, the KMS,
MTBS and the ILP card, shortened for speaking. What is urgent is said alone: a mother who must
go to the puskesmas today hears that and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from posyandu_app.domain.age import completed_months
from posyandu_app.domain.assessment import Assessed
from posyandu_app.domain.classify import Index
from posyandu_app.domain.kms import Letter, MonthRecord
from posyandu_app.domain.labels import Labelled
from posyandu_app.domain.model import Child
from posyandu_app.domain.rules import ProgramRules
from posyandu_app.domain.schedule import Kind, Service, State
from posyandu_app.domain.visits import Development, Visit
from posyandu_app.domain.zscore import ZScore
from posyandu_app.i18n import tr

KIA_KMS = "Buku KIA 2023, hlm. 54 (KMS)"
KIA_DANGER = "Buku KIA 2023, tanda bahaya pada bayi dan balita"
KIA_BREASTFEEDING = "Buku KIA 2023, cara menyusui; perawatan bayi 0–6 bulan"
KIA_FEEDING = "Buku KIA 2023, pemenuhan gizi usia 6–23 bulan"
KIA_FAMILY_FOOD = "Buku KIA 2023, pemenuhan gizi anak usia 2–5 tahun"
KIA_DEVELOPMENT = "Buku KIA 2023, ceklis perkembangan"
KIA_MUAC = "Buku KIA 2023, pengukuran LiLA"
KIA_IMMUNISATION = "Buku KIA 2023, manfaat imunisasi"
KIA_SERVICES = "Buku KIA 2023, pelayanan bayi dan anak balita"
KMS_FOLLOW_UP = "Pengisian KMS Balita untuk kader (2018), tindak lanjut hasil penimbangan"
ILP_CARD = "Kartu bantu pemeriksaan bayi, balita, apras (ILP)"
MTBS = "Bagan MTBS Kemenkes, status gizi"
STUNTING = "PNPK Tata Laksana Stunting (KMK HK.01.07/MENKES/1928/2022); Buku KIA 2023"

FOOD_FROM_MONTHS = 6
"""Before six completed months a child gets breast milk and nothing else (Buku KIA)."""


class Topic(Labelled):
    """What was talked about; codes are kept with the visit."""

    DANGER = "tanda_bahaya"
    OEDEMA = "edema"
    SEVERE_WASTING = "gizi_buruk"
    WASTING = "gizi_kurang"
    BELOW_RED_LINE = "bawah_garis_merah"
    UNDERWEIGHT = "berat_kurang"
    STUNTING = "stunting"
    OVERWEIGHT = "gizi_lebih"
    ABOVE_ORANGE_LINE = "atas_garis_oranye"
    HEAD = "lingkar_kepala"
    TB = "tbc"
    DEVELOPMENT = "perkembangan"
    TWO_T = "dua_t"
    NOT_RISING = "tidak_naik"
    RISING = "naik"
    NOT_WEIGHED = "bulan_lalu_tidak_ditimbang"
    FIRST = "baru"
    MISSED = "tidak_hadir"
    BREASTFEEDING = "asi_eksklusif"
    FEEDING = "mp_asi"
    FAMILY_FOOD = "makanan_keluarga"
    IMMUNISATION = "imunisasi"
    VITAMIN_A = "vitamin_a"
    DEWORMING = "obat_cacing"

    @property
    def label(self) -> str:
        return {
            Topic.DANGER: tr("Tanda bahaya"),
            Topic.OEDEMA: tr("Kaki bengkak"),
            Topic.SEVERE_WASTING: tr("Gizi buruk"),
            Topic.WASTING: tr("Gizi kurang"),
            Topic.BELOW_RED_LINE: tr("Di bawah garis merah"),
            Topic.UNDERWEIGHT: tr("Berat badan kurang"),
            Topic.STUNTING: tr("Tinggi badan kurang"),
            Topic.OVERWEIGHT: tr("Gizi lebih"),
            Topic.ABOVE_ORANGE_LINE: tr("Di atas garis oranye"),
            Topic.HEAD: tr("Lingkar kepala"),
            Topic.TB: tr("Gejala TBC"),
            Topic.DEVELOPMENT: tr("Perkembangan"),
            Topic.TWO_T: tr("Tidak naik 2 bulan"),
            Topic.NOT_RISING: tr("Berat tidak naik"),
            Topic.RISING: tr("Berat naik"),
            Topic.NOT_WEIGHED: tr("Bulan lalu tidak ditimbang"),
            Topic.FIRST: tr("Penimbangan pertama"),
            Topic.MISSED: tr("Tidak datang"),
            Topic.BREASTFEEDING: tr("ASI eksklusif"),
            Topic.FEEDING: tr("MP-ASI"),
            Topic.FAMILY_FOOD: tr("Makanan keluarga"),
            Topic.IMMUNISATION: tr("Imunisasi"),
            Topic.VITAMIN_A: tr("Vitamin A"),
            Topic.DEWORMING: tr("Obat cacing"),
        }[self]


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to say: what about, the words for the mother, and where they come from."""

    topic: Topic
    text: str
    source: str

    @property
    def title(self) -> str:
        return self.topic.label


def advise(
    child: Child,
    assessed: Assessed | None,
    on: date,
    rules: ProgramRules,
    *,
    visit: Visit | None = None,
    due: Iterable[Service] = (),
) -> tuple[Advice, ...]:
    """What to say about a child on a day, most pressing first.

    `assessed` is her measurement of the day (None: not measured), `visit` her card, `due` what is
    scheduled. Flagged z-scores are not spoken about: the child is measured again first.
    """
    age = None if child.birth_date is None else completed_months(child.birth_date, on)
    urgent = _urgent(assessed, visit, rules)
    if urgent:
        return tuple(urgent)
    found = [] if assessed is None else _growth(assessed, rules)
    found += _card(visit, rules)
    found += _letter(None if assessed is None else assessed.record, rules)
    found += feeding(age, visit)
    found += _services(due)
    return tuple(found)


def _urgent(assessed: Assessed | None, visit: Visit | None, rules: ProgramRules) -> list[Advice]:
    found = []
    if visit is not None and visit.danger_signs:
        text = tr(
            "Anak menunjukkan tanda bahaya. Bawa ke puskesmas atau rumah sakit hari ini juga, jangan "
            "menunggu."
        )
        found.append(Advice(Topic.DANGER, text, KIA_DANGER))
    if assessed is None:
        return found
    if assessed.measurement.oedema:
        text = tr("Kedua kaki anak bengkak. Anak harus diperiksa di puskesmas hari ini juga. Bawa Buku KIA.")
        found.append(Advice(Topic.OEDEMA, text, MTBS))
    if _severely_thin(assessed, rules):
        text = tr(
            "Anak sangat kurus. Bawa ke puskesmas hari ini juga; di sana anak diperiksa dan "
            "ditangani. Bawa Buku KIA."
        )
        found.append(Advice(Topic.SEVERE_WASTING, text, MTBS))
    return found


def _severely_thin(assessed: Assessed, rules: ProgramRules) -> bool:
    """What the programme rules send away the same day for too little weight (MTBS)."""
    limits, item = rules.same_day, assessed.measurement
    thin, age = _centi(assessed.growth.weight_for_length), assessed.age_months
    if thin is not None and thin < limits.wfl_below:
        return True
    if age is None:
        return False
    arm = item.muac_mm is not None and item.muac_mm < limits.muac_below_mm
    light = item.weight_g is not None and item.weight_g < limits.weight_below_g
    return (arm and age >= limits.muac_from_age_months) or (light and age >= limits.weight_from_age_months)


def _centi(score: ZScore | None) -> int | None:
    return None if score is None or score.flagged else score.centi


def _growth(assessed: Assessed, rules: ProgramRules) -> list[Advice]:
    found = _too_light(assessed, rules)
    length = _centi(assessed.growth.length_for_age)
    if length is not None and length < rules.refer.lfa_below:
        text = tr(
            "Tinggi anak kurang dibanding anak seumurnya. Periksakan ke dokter puskesmas supaya "
            "sebabnya diketahui, dan ukur lagi bulan depan."
        )
        found.append(Advice(Topic.STUNTING, _with_food(text, assessed), STUNTING))
    if not found:
        found = _too_heavy(assessed, rules)
    head = _centi(assessed.growth.head_for_age)
    if head is not None and not rules.refer.head_below <= head <= rules.refer.head_above:
        text = tr("Lingkar kepala anak di luar ukuran normal. Periksakan ke puskesmas.")
        found.append(Advice(Topic.HEAD, text, ILP_CARD))
    return found


def _with_food(text: str, assessed: Assessed) -> str:
    """The finding, and how to feed a child who grows too little: a young infant is nursed, no more."""
    if _nursed_only(assessed):
        return f"{text} {tr('Susui sesering bayi mau, siang dan malam.')}"
    food = tr("Beri makan sesuai anjuran umurnya, utamakan telur, ikan, ayam, daging, atau hati.")
    return f"{text} {food}"


def _nursed_only(assessed: Assessed) -> bool:
    return assessed.age_months is not None and assessed.age_months < FOOD_FROM_MONTHS


def _too_light(assessed: Assessed, rules: ProgramRules) -> list[Advice]:
    """The gravest finding about too little weight, said once."""
    thin, light = _centi(assessed.growth.weight_for_length), _centi(assessed.growth.weight_for_age)
    arm = assessed.categories.get(Index.LILA)
    if (thin is not None and thin < rules.refer.wfl_below) or (arm is not None and arm.code == "GK"):
        text = tr("Anak terlihat gizi kurang. Periksakan ke puskesmas, lalu kontrol lagi dalam {days} hari.")
        text = text.format(days=rules.revisit_days.gizi_kurang)
        return [Advice(Topic.WASTING, _with_food(text, assessed), f"{MTBS}; {KIA_MUAC}")]
    if light is not None and light < rules.red_line:
        text = tr(
            "Berat anak di bawah garis merah KMS. Bawa ke puskesmas supaya diperiksa, bawa juga Buku KIA."
        )
        return [Advice(Topic.BELOW_RED_LINE, text, KIA_KMS)]
    if light is not None and light < rules.refer.wfa_below:
        text = tr("Berat anak kurang untuk umurnya. Periksakan ke puskesmas.")
        return [Advice(Topic.UNDERWEIGHT, _with_food(text, assessed), ILP_CARD)]
    return []


def _too_heavy(assessed: Assessed, rules: ProgramRules) -> list[Advice]:
    heavy, weight = _centi(assessed.growth.weight_for_length), _centi(assessed.growth.weight_for_age)
    much = heavy is not None and heavy > rules.refer.wfl_above
    some = heavy is not None and heavy > rules.watch.wfl_above
    if not much and not some and (weight is None or weight <= rules.orange_line):
        return []
    topic = Topic.OVERWEIGHT if much else Topic.ABOVE_ORANGE_LINE
    if _nursed_only(assessed):
        text = tr("Berat bayi di atas garis oranye KMS. Teruskan ASI, dan tanyakan kepada bidan.")
        return [Advice(topic, text, KIA_KMS)]
    if much:
        text = tr("Berat anak lebih dari yang sesuai dengan tingginya. Periksakan ke puskesmas.")
    else:
        text = tr("Berat anak mulai berlebih. Timbang lagi bulan depan.")
    play = tr(
        "Batasi selingan yang terlalu manis, asin, dan berlemak, dan ajak anak bermain aktif setiap hari."
    )
    return [Advice(topic, f"{text} {play}", KIA_FAMILY_FOOD)]


def _card(visit: Visit | None, rules: ProgramRules) -> list[Advice]:
    if visit is None:
        return []
    found = []
    if len(visit.tb_symptoms or ()) >= rules.refer.tb_symptoms:
        text = tr("Anak perlu diperiksa apakah sakit TBC. Bawa ke puskesmas.")
        found.append(Advice(Topic.TB, text, ILP_CARD))
    if visit.development == Development.INCOMPLETE:
        text = tr(
            "Ada kemampuan yang belum bisa dilakukan anak pada umurnya. Bawa ke puskesmas untuk "
            "diperiksa, dan ajak anak bermain sesuai contoh di Buku KIA setiap hari."
        )
        found.append(Advice(Topic.DEVELOPMENT, text, KIA_DEVELOPMENT))
    return found


def _letter(record: MonthRecord | None, rules: ProgramRules) -> list[Advice]:
    if record is None:
        return []
    if record.two_t:
        text = tr(
            "Berat anak tidak naik dua bulan berturut-turut. Anak perlu diperiksa di puskesmas "
            "supaya sebabnya diketahui. Bawa Buku KIA."
        )
        return [Advice(Topic.TWO_T, text, ILP_CARD)]
    if record.letter is Letter.T and rules.refer_after_t == 1:
        text = tr(
            "Berat anak belum cukup naik bulan ini. Anak perlu diperiksa di puskesmas supaya "
            "sebabnya diketahui. Bawa Buku KIA."
        )
        return [Advice(Topic.NOT_RISING, text, KIA_KMS)]
    return [
        {
            Letter.T: Advice(
                Topic.NOT_RISING,
                tr(
                    "Terima kasih sudah datang. Berat anak belum cukup naik bulan ini. Apakah anak "
                    "sakit, batuk, diare, panas, atau susah menyusu atau makan? Beri makan sesuai anjuran "
                    "umurnya, dan timbang lagi bulan depan."
                ),
                KMS_FOLLOW_UP,
            ),
            Letter.N: Advice(
                Topic.RISING,
                tr("Bagus, berat anak naik dan pertumbuhannya baik. Teruskan, dan datang lagi bulan depan."),
                KMS_FOLLOW_UP,
            ),
            Letter.O: Advice(
                Topic.NOT_WEIGHED,
                tr(
                    "Bulan lalu anak tidak ditimbang, jadi naik atau tidaknya belum bisa dinilai. "
                    "Usahakan datang setiap bulan."
                ),
                KMS_FOLLOW_UP,
            ),
            Letter.B: Advice(
                Topic.FIRST,
                tr(
                    "Selamat datang. Hari ini penimbangan pertama; bulan depan kita lihat apakah "
                    "beratnya naik. Bawa Buku KIA setiap kali datang."
                ),
                KMS_FOLLOW_UP,
            ),
        }[record.letter]
    ]


def missed() -> Advice:
    """What to say at the home of a child who did not come."""
    text = tr(
        "Bulan ini anak belum ditimbang. Dengan ditimbang setiap bulan, gangguan pertumbuhan cepat "
        "diketahui. Apakah anak sehat? Datanglah ke posyandu berikutnya, atau ke puskesmas bila anak "
        "sakit."
    )
    return Advice(Topic.MISSED, text, KIA_SERVICES)


def feeding(age_months: int | None, visit: Visit | None = None) -> list[Advice]:
    """How to feed a child of that age (completed months, 0–59), by the Buku KIA; nothing outside."""
    if age_months is None or not 0 <= age_months < 60:
        return []
    if age_months < FOOD_FROM_MONTHS:
        return [_breastfeeding(visit)]
    if age_months < 24:
        return [Advice(Topic.FEEDING, _complementary(age_months), KIA_FEEDING)]
    text = tr(
        "Anak makan makanan keluarga 3 kali sehari: makanan pokok, lauk, sayur, dan buah. Beri ikan, "
        "telur, tempe, tahu, atau susu. Batasi selingan yang terlalu manis, asin, dan berlemak."
    )
    return [Advice(Topic.FAMILY_FOOD, text, KIA_FAMILY_FOOD)]


def _breastfeeding(visit: Visit | None) -> Advice:
    if visit is not None and visit.exclusive_breastfeeding is False:
        text = tr(
            "Sampai umur 6 bulan, ASI saja mencukupi kebutuhan bayi, tanpa makanan atau minuman "
            "lain. Susui sesering bayi mau, 8–12 kali sehari atau lebih. Bila ada kesulitan "
            "menyusui, tanyakan kepada bidan."
        )
    else:
        text = tr(
            "Teruskan ASI saja sampai umur 6 bulan. Susui sesering bayi mau, 8–12 kali sehari atau "
            "lebih. Bila bayi tidur lebih dari 3 jam, bangunkan lalu susui."
        )
    return Advice(Topic.BREASTFEEDING, text, KIA_BREASTFEEDING)


def _complementary(age_months: int) -> str:
    if age_months < 9:
        return tr(
            "ASI diteruskan. Beri makanan lumat dan kental yang disaring, 2–3 kali makan dan 1–2 "
            "kali selingan sehari. Mulai 2–3 sendok makan, naikkan sedikit demi sedikit sampai "
            "setengah mangkok 250 ml. Utamakan telur, ikan, ayam, daging, atau hati."
        )
    if age_months < 12:
        return tr(
            "ASI diteruskan. Beri makanan keluarga yang dicincang atau dipotong kecil, 3–4 kali "
            "makan dan 1–2 kali selingan sehari, setengah sampai tiga perempat mangkok 250 ml. "
            "Utamakan telur, ikan, ayam, daging, atau hati."
        )
    return tr(
        "ASI diteruskan sampai 2 tahun atau lebih. Beri makanan keluarga yang diiris-iris, 3–4 kali "
        "makan dan 1–2 kali selingan sehari, tiga perempat sampai satu mangkok 250 ml. Utamakan "
        "telur, ikan, ayam, daging, atau hati."
    )


def _services(due: Iterable[Service]) -> list[Advice]:
    scheduled = tuple(due)
    found = []
    vaccines = [
        service.name
        for service in scheduled
        if service.kind is Kind.IMMUNISATION and (service.offered or service.state is State.REFUSED)
    ]
    if vaccines:
        text = tr(
            "Anak waktunya imunisasi: {names}. Imunisasi melindungi anak dari penyakit berbahaya. "
            "Bila ragu, tanyakan kepada bidan."
        )
        found.append(Advice(Topic.IMMUNISATION, text.format(names=", ".join(vaccines)), KIA_IMMUNISATION))
    if any(service.kind is Kind.VITAMIN_A and service.offered for service in scheduled):
        text = tr("Anak waktunya mendapat kapsul vitamin A.")
        found.append(Advice(Topic.VITAMIN_A, text, KIA_SERVICES))
    if any(service.kind is Kind.DEWORMING and service.offered for service in scheduled):
        text = tr("Anak waktunya minum obat cacing. Biasakan cuci tangan pakai sabun supaya tidak cacingan.")
        found.append(Advice(Topic.DEWORMING, text, KIA_SERVICES))
    return found
