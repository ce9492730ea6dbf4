"""The sentences of proposed recommendations: what was found, then what to do about it."""

from __future__ import annotations

from posyandu_app.i18n import tr


def severe_wasting(area: str, month: str, count: int | None) -> str:
    """Children with severe wasting; without their number where it is too small to be shown."""
    found = (
        tr("Ada anak gizi buruk di {area} pada {month}.")
        if count is None
        else tr("{count} anak gizi buruk di {area} pada {month}.")
    )
    advice = tr(
        "Pastikan setiap anak sudah diperiksa bidan, dirujuk pada hari yang sama, dan mendapat tata laksana; "
        "laporkan hasilnya."
    )
    return f"{found.format(count=count, area=area, month=month)} {advice}"


def two_t(area: str, month: str, count: int | None) -> str:
    """Children whose weight has not risen for two months."""
    found = (
        tr("Ada anak 2T di {area} pada {month}.")
        if count is None
        else tr("{count} anak 2T di {area} pada {month}.")
    )
    advice = tr("Pastikan semuanya dirujuk dan diperiksa bidan.")
    return f"{found.format(count=count, area=area, month=month)} {advice}"


def wasting(area: str, month: str, percent: str, limit: str) -> str:
    """Wasting above its target."""
    found = tr("Wasting di {area} {percent} pada {month}, di atas target {limit}.")
    advice = tr(
        "Periksa ulang anak gizi kurang, mulai PMT pangan lokal, dan kunjungi rumah anak yang tidak datang."
    )
    return f"{found.format(area=area, percent=percent, month=month, limit=limit)} {advice}"


def stunting(area: str, month: str, percent: str, limit: str) -> str:
    """Stunting above its target."""
    found = tr("Stunting di {area} {percent} pada {month}, di atas target {limit}.")
    advice = tr(
        "Ukur ulang anak pendek, rujuk anak sangat pendek ke puskesmas, dan dahulukan keluarga dengan anak "
        "di bawah dua tahun."
    )
    return f"{found.format(area=area, percent=percent, month=month, limit=limit)} {advice}"


def overweight(area: str, month: str, percent: str, limit: str) -> str:
    """Overweight above the limit of significance."""
    found = tr("Gizi lebih di {area} {percent} pada {month}, di atas batas {limit}.")
    advice = tr("Beri penyuluhan makanan dan minuman manis, dan rujuk anak obesitas ke puskesmas.")
    return f"{found.format(area=area, percent=percent, month=month, limit=limit)} {advice}"


def new_stunting(area: str, months: int, new: int, recovered: int | None) -> str:
    """More new cases than recovered children; `recovered` is None where it is too small to be shown."""
    found = (
        tr("{new} anak di {area} menjadi stunting dalam {months} bulan, lebih banyak dari yang pulih.")
        if recovered is None
        else tr("{new} anak di {area} menjadi stunting dalam {months} bulan, {recovered} yang pulih.")
    )
    advice = tr("Telusuri sebabnya: makan, sakit berulang, air bersih, dan imunisasi.")
    return f"{found.format(new=new, recovered=recovered, area=area, months=months)} {advice}"


def low_attendance(area: str, month: str, percent: str, limit: str, absent: int) -> str:
    """D/S below its target."""
    found = tr(
        "D/S di {area} {percent} pada {month}, di bawah target {limit}: {absent} balita tidak ditimbang."
    )
    advice = tr("Kunjungi rumahnya dan tanyakan mengapa tidak datang.")
    told = found.format(area=area, percent=percent, month=month, limit=limit, absent=absent)
    return f"{told} {advice}"


def low_gain(area: str, month: str, percent: str, limit: str) -> str:
    """N/D below its target."""
    found = tr("N/D di {area} {percent} pada {month}, di bawah target {limit}.")
    advice = tr("Adakan penyuluhan dan demo masak MP-ASI, dan periksa timbangannya.")
    return f"{found.format(area=area, percent=percent, month=month, limit=limit)} {advice}"


def poor_measuring(area: str, what: str) -> str:
    """Measurements that are in doubt; `what` names the checks."""
    found = tr("Mutu pengukuran di {area} perlu diperbaiki: {what}.")
    advice = tr(
        "Latih ulang cara menimbang dan mengukur, tera timbangan dan alat ukur, dan ukur ulang anak yang "
        "ditandai."
    )
    return f"{found.format(area=area, what=what)} {advice}"


def late_records(area: str, days: int) -> str:
    """Weighings that reach the laptop late."""
    found = tr("Banyak penimbangan di {area} baru disimpan lebih dari {days} hari kemudian.")
    advice = tr("Catat di laptop pada hari posyandu; tanyakan apa yang menghambat.")
    return f"{found.format(area=area, days=days)} {advice}"


def identity_missing(area: str, what: str) -> str:
    """Children without birth date or NIK; `what` names what is missing."""
    found = tr("Data anak di {area} belum lengkap: {what}.")
    advice = tr("Lengkapi dari KK dan buku KIA pada posyandu berikutnya.")
    return f"{found.format(area=area, what=what)} {advice}"
