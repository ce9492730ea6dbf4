"""A server and laptops for each test."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from tests.district import server as servers
from tests.sync.laptops import laptops


def pytest_generate_tests(metafunc):
    """Whatever asks for a server is run on SQLite and on a real PostgreSQL.

    A module of which the server's database is no part says so: `ON_SQLITE_ALONE = "why"`; a single test
    is marked by `on_sqlite_alone`.
    """
    if "server" in metafunc.fixturenames and "server" not in vars(metafunc.module):
        if any("server" in marker.args[0] for marker in metafunc.definition.iter_markers("parametrize")):
            return
        alone = hasattr(metafunc.module, "ON_SQLITE_ALONE")
        metafunc.parametrize("server", ["sqlite"] if alone else ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def server(request, tmp_path):
    database = servers.postgres() if request.param == "postgresql" else None
    with servers.running(tmp_path / "dinas", database) as running:
        yield running


@pytest.fixture
def make(tmp_path, server):
    """Makes laptops that are enrolled with the server."""
    with laptops(tmp_path, server) as make:
        yield make


@pytest.fixture
def make_alone(tmp_path):
    """Makes laptops that know no server."""
    with laptops(tmp_path) as make:
        yield make


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Makes certificates with given days of validity, and the server's side of TLS with them."""
    pytest.importorskip("cryptography")

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def make(start: timedelta, end: timedelta, ip: str = "127.0.0.1"):
        folder = tmp_path_factory.mktemp("tls")
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "uji")])
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ip))])
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + start)
            .not_valid_after(now + end)
            .add_extension(address, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        pem, private = folder / "cert.pem", folder / "key.pem"
        pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem, private)
        return pem, context

    return make
