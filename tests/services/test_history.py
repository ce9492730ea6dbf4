"""A child's history: everything, in words, with who and when, whatever became of it."""

from datetime import date, timedelta

import pytest

from posyandu_app.domain.assessment import Draft
from posyandu_app.domain.consent import Consent
from posyandu_app.domain.doses import Dose
from posyandu_app.domain.errors import UserError
from posyandu_app.domain.home_visits import HomeVisit
from posyandu_app.domain.model import Position, Role
from posyandu_app.domain.visits import Visit
from posyandu_app.services import (
    consent,
    doses,
    history,
    home_visits,
    moves,
    registration,
    sessions,
    visits,
    weighing,
)
from posyandu_app.services.undoing import undo
from posyandu_app.storage import log, measurements
from posyandu_app.storage.log import NewOperation
from tests.services.conftest import siti
from tests.storage.made_up import SCOPE

TODAY = date(2026, 11, 23)


def told(ws, child_id):
    return [(entry.title, entry.details) for entry in history.of(ws, child_id)]


def test_it_begins_with_the_registration_and_hides_the_nik(ws):
    changes = registration.register(
        ws,
        siti(nik="3211136311250001", birth_weight_g=3100, kia_held=True, imd=False, address="Jl. Mawar 4"),
    )
    (child_id,) = changes.entities
    (entry,) = history.of(ws, child_id)
    assert entry.title == "Didaftarkan"
    assert entry.who == "Sari Dewi"
    assert entry.at.isoformat() == "2026-11-23T09:12:44+07:00"
    assert entry.status == "local"
    assert entry.entity == child_id
    assert entry.details == (
        "nama: Siti Aminah",
        "jenis kelamin: perempuan",
        "tanggal lahir: 23/11/2025",
        "NIK: 3211********0001",
        "nama ibu: Rohmah",
        "alamat: Jl. Mawar 4",
        "berat lahir: 3,1 kg",
        "IMD: tidak",
        "buku KIA: ya",
    )


def test_a_weighing_corrected_voided_and_brought_back_is_told_step_by_step(ws, child_id, as_role):
    weighing.record(
        ws,
        child_id,
        Draft(TODAY, weight_g=84_000, length_mm=712, position=Position.LYING, muac_mm=139, oedema=1),
        ("weight_high",),
    )
    (item,) = measurements.of_child(ws.database, child_id)
    weighing.correct(ws, item.id, {"weight_g": 8400, "muac_mm": None}, "Salah koma")
    bidan = as_role(Role.BIDAN)
    voided = weighing.void(bidan, item.id, "Anak lain")
    undo(bidan, voided.undo)
    entries = history.of(ws, child_id)[1:]
    assert [(entry.title, entry.details, entry.reason) for entry in entries] == [
        (
            "Penimbangan 23/11/2026",
            (
                "berat: 84,0 kg",
                "panjang/tinggi: 71,2 cm",
                "cara ukur: terlentang",
                "LiLA: 13,9 cm",
                "bengkak: +1",
            ),
            "",
        ),
        (
            "Diperbaiki: penimbangan 23/11/2026",
            ("berat: 84,0 kg → 8,4 kg", "LiLA: 13,9 cm → —"),
            "Salah koma",
        ),
        ("Dibatalkan: penimbangan 23/11/2026", (), "Anak lain"),
        ("Dikembalikan: penimbangan 23/11/2026", (), "diurungkan"),
    ]
    assert {entry.entity for entry in entries} == {item.id}
    assert [entry.who for entry in entries] == ["Sari Dewi", "Sari Dewi", "—", "—"]


def test_every_kind_of_record_is_told_in_words(ws, child_id):
    consent.record(ws, Consent(id="", child=child_id, date=TODAY, name="Rohmah"))
    visits.record(
        ws,
        Visit(
            id="",
            child=child_id,
            date=TODAY,
            complementary_feeding=False,
            tb_symptoms=frozenset(),
            danger_signs=frozenset({"kejang"}),
            counselling=frozenset({"mp_asi"}),
            referral="puskesmas",
        ),
    )
    doses.record(ws, Dose(id="", child=child_id, date=TODAY, what="vitamin_a"))
    doses.record(
        ws, Dose(id="", child=child_id, date=TODAY, what="imunisasi", antigen="mr1", state="menolak")
    )
    home_visits.record(
        ws, HomeVisit(id="", child=child_id, date=TODAY, reason="tindak_lanjut", outcome="bertemu")
    )
    assert told(ws, child_id)[1:] == [
        (
            "Persetujuan 23/11/2026",
            ("nama: Rohmah", "keputusan: setuju", "sebagai: ibu", "versi teks: 2026-1"),
        ),
        (
            "Kartu kunjungan 23/11/2026",
            (
                "kehadiran: hadir",
                "MP-ASI sesuai: tidak",
                "penyuluhan: MP-ASI",
                "tanda bahaya: Kejang",
                "dirujuk ke: puskesmas",
                "gejala TBC: tidak ada",
            ),
        ),
        ("Dosis 23/11/2026", ("pelayanan: vitamin a", "keadaan: diberikan", "kapsul: kapsul merah")),
        (
            "Dosis 23/11/2026",
            ("pelayanan: imunisasi", "imunisasi: Campak-Rubela (MR) 1", "keadaan: menolak"),
        ),
        ("Kunjungan rumah 23/11/2026", ("alasan: tindak lanjut", "hasil: bertemu")),
    ]


def test_changes_of_the_register_say_before_and_after(ws, child_id):
    registration.update(ws, child_id, {"address": "Jl. Mawar 4"})
    registration.update(ws, child_id, {"address": "Jl. Kenanga 1", "phone": "081234567"})
    moves.move_away(ws, child_id, TODAY, "Bandung")
    moves.come_back(ws, child_id)
    assert told(ws, child_id)[1:] == [
        ("Data diubah", ("alamat: — → Jl. Mawar 4",)),
        ("Data diubah", ("alamat: Jl. Mawar 4 → Jl. Kenanga 1", "nomor HP: — → 081234567")),
        ("Pindah", ("pindah ke: — → Bandung", "sejak: — → 23/11/2026")),
        ("Aktif lagi", ("pindah ke: Bandung → —", "sejak: 23/11/2026 → —")),
    ]


def test_an_undone_deed_stays_in_the_history(ws, child_id):
    done = visits.record(ws, Visit(id="", child=child_id, date=TODAY, note="Demam"))
    undo(ws, done.undo)
    assert [title for title, _ in told(ws, child_id)] == [
        "Didaftarkan",
        "Kartu kunjungan 23/11/2026",
        "Dibatalkan: kartu kunjungan 23/11/2026",
    ]


def test_a_transfer_names_the_posyandu(ws, child_id):
    new = NewOperation("child.transfer", child_id, SCOPE, {"to": SCOPE, "date": "2026-11-23"})
    log.append(ws.database, [new], actor=ws.user.id, clock=ws.clock)
    assert told(ws, child_id)[-1] == ("Dipindahkan ke posyandu Melati 1", ())


def test_oldest_first_by_the_order_all_laptops_count(ws, child_id):
    ws.clock.move(timedelta(days=-1))
    weighing.record(ws, child_id, Draft(TODAY - timedelta(days=1), weight_g=8400))
    ws.clock.move(timedelta(days=1))
    entries = history.of(ws, child_id)
    assert [entry.title for entry in entries] == ["Didaftarkan", "Penimbangan 22/11/2026"]


def test_one_childs_history_is_hers_alone(ws, child_id):
    other = next(iter(registration.register(ws, siti(name="Bayu")).entities))
    weighing.record(ws, other, Draft(TODAY, weight_g=9000))
    sessions.open_day(ws, TODAY)
    assert [title for title, _ in told(ws, child_id)] == ["Didaftarkan"]


def test_records_of_a_newer_version_are_named_not_hidden(ws, child_id):
    for number, (type_, payload) in enumerate(
        (
            ("visit.sing", {"child": child_id}),
            ("lullaby.record", {"child": child_id, "date": "2026-11-23"}),
            ("visit.record", {"child": child_id, "date": "2026-11-23", "mood": 7, "attendance": "daring"}),
        )
    ):
        entity = f"0192f3a0-0000-7000-8000-00000000000{number}" if number else child_id
        log.append(
            ws.database, [NewOperation(type_, entity, SCOPE, payload)], actor=ws.user.id, clock=ws.clock
        )
    assert told(ws, child_id)[1:] == [
        ("Catatan dari versi aplikasi yang lebih baru (visit.sing)", ()),
        ("Kartu kunjungan 23/11/2026", ("kehadiran: daring", "mood: 7")),
    ]


def test_what_the_law_had_erased_is_told_as_erased(ws, child_id):
    weighing.record(ws, child_id, Draft(TODAY, weight_g=8400))
    with ws.database.atomic():
        ws.database.run(
            "UPDATE log SET payload_hash = x'00', payload = NULL WHERE type = 'measurement.record'"
        )
    assert told(ws, child_id)[-1] == ("Isi dihapus sesuai permintaan", ())


def test_the_history_of_nobody_is_refused(ws):
    with pytest.raises(UserError) as told:
        history.of(ws, "tidak-ada")
    assert told.value.code == "unknown_child"
