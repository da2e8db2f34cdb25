"""Keystone over TLS, with an authority of its own."""
import subprocess

import pytest

from fake_keystone import FakeKeystone, server_tls
from harness import HOST
from keystone_settings import keystone_options


def openssl(folder, *words):
    subprocess.run(['openssl', *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope='module')
def papers(tmp_path_factory):
    """A folder with an authority, and certificates of two servers and a client signed by it."""
    folder = tmp_path_factory.mktemp('tls')
    openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
            '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=authority')
    for name, subject in (('here', f'IP:{HOST}'), ('elsewhere', 'DNS:elsewhere.example'),
                          ('client', 'DNS:emplace')):
        openssl(folder, 'req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
                '-nodes', '-keyout', f'{name}.key', '-out', f'{name}.csr', '-subj', f'/CN={name}')
        (folder / f'{name}.ext').write_text(f'subjectAltName = {subject}\n')
        openssl(folder, 'x509', '-req', '-in', f'{name}.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
                '-CAcreateserial', '-days', '2', '-extfile', f'{name}.ext', '-out', f'{name}.pem')
    return folder


@pytest.fixture
def answers(papers, make_server):
    """The status and the log of a request, with this certificate at Keystone and these options."""
    running = []

    def ask(certificate='here', client_ca=None, **changes):
        running.append(FakeKeystone(tls=server_tls(
            papers / f'{certificate}.pem', papers / f'{certificate}.key', client_ca)))
        running[-1].add('admin', 'admin')
        server = make_server(keystone_options(running[-1].url, **changes))
        status = server.start().get('/resource_providers', token='admin').status
        return status, server.log()

    yield ask
    for keystone in running:
        keystone.close()


def test_the_authority_of_cafile_vouches_for_keystone(answers, papers):
    assert answers(cafile=papers / 'ca.pem')[0] == 200


def test_nobody_else_is_believed(answers):
    status, log = answers()
    assert status == 503
    assert 'certificate verify failed' in log


def test_the_certificate_must_be_of_that_host(answers, papers):
    assert answers('elsewhere', cafile=papers / 'ca.pem')[0] == 503


def test_insecure_believes_anyone(answers):
    assert answers('elsewhere', insecure='true')[0] == 200


def test_a_certificate_of_our_own_is_shown(answers, papers):
    ca = papers / 'ca.pem'
    assert answers(client_ca=ca, cafile=ca)[0] == 503
    assert answers(client_ca=ca, cafile=ca, certfile=papers / 'client.pem',
                   keyfile=papers / 'client.key')[0] == 200
