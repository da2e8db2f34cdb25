"""TLS from outside, with openssl(1): old versions are refused, what is no TLS harms nobody."""
import http.client
import shutil
import ssl
import subprocess

import pytest

from attacking import Wire
from harness import ANSWER_SECONDS, HOST, Server, read_from

pytestmark = pytest.mark.skipif(not shutil.which('openssl'), reason='no openssl here')
REQUEST = b'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('tls')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256',
                    '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext',
                    'subjectAltName=IP:127.0.0.1',
                    '-keyout', folder / 'key.pem', '-out', folder / 'certificate.pem'],
                   check=True, capture_output=True, timeout=ANSWER_SECONDS)
    return folder


@pytest.fixture(scope='module')
def port(files):
    server = Server(files / 'server',
                    {'emplace': {'tls_certificate_file': files / 'certificate.pem',
                                                   'tls_key_file': files / 'key.pem'}})
    try:
        yield server.start().port
        server.stop()
    finally:
        server.clean_up()


def s_client(port, *options, data=REQUEST):
    """What openssl s_client says when it sends `data`: its exit code and output."""
    done = subprocess.run(['openssl', 's_client', '-connect', f'{HOST}:{port}', '-ign_eof',
                           *options],
                          input=data, capture_output=True, timeout=ANSWER_SECONDS, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize('version', ['-tls1_2', '-tls1_3'])
def test_tls_1_2_and_1_3_are_served(port, version):
    code, output = s_client(port, version)
    assert code == 0
    assert b'HTTP/1.1 200 OK' in output


@pytest.mark.parametrize('version', ['-tls1', '-tls1_1'])
def test_older_versions_are_refused(port, version):
    """The client itself is made to want them: security level 0."""
    code, output = s_client(port, version, '-cipher', 'DEFAULT:@SECLEVEL=0')
    assert b'HTTP/1.1' not in output
    assert code != 0 and b'alert' in output, output


@pytest.mark.parametrize('ciphers', ['NULL:eNULL:@SECLEVEL=0', 'aNULL:@SECLEVEL=0',
                                     'RC4:@SECLEVEL=0', '3DES:@SECLEVEL=0'])
def test_weak_ciphers_are_refused(port, ciphers):
    _, output = s_client(port, '-tls1_2', '-cipher', ciphers)
    assert b'HTTP/1.1' not in output


def test_renegotiation_and_compression_are_refused(port):
    _, output = s_client(port, '-tls1_2', '-comp', '-no_ign_eof', data=b'R\n')
    assert b'Compression: NONE' in output
    assert b'no renegotiation' in output or b'no_renegotiation' in output.lower(), output


def test_the_certificate_is_the_one_given(port, files):
    trusted = ssl.create_default_context(cafile=str(files / 'certificate.pem'))
    connection = http.client.HTTPSConnection(HOST, port, context=trusted, timeout=ANSWER_SECONDS)
    connection.request('GET', '/')
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize('data', [REQUEST, b'', b'\x00' * 5000,
                                  b'\x16\x03\x01\xff\xff' + b'a' * 70_000,
                                  b'\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00',
                                  b'\x80\x2e\x01\x03\x01' + b'a' * 40],
                         ids=lambda data: repr(data[:12]))
def test_what_is_no_tls_is_cut_and_harms_nobody(port, data):
    with Wire(port) as wire:
        try:
            wire.send(data)
            wire.socket.shutdown(1)
            received = wire.file.read()
        except OSError:  # it was cut before all was sent
            received = b''
        assert b'HTTP/1.1' not in received
    assert b'HTTP/1.1 200 OK' in s_client(port)[1]


def test_a_handshake_that_does_not_end_is_given_up(files):
    server = Server(files / 'slow', {'emplace': {
        'tls_certificate_file': files / 'certificate.pem', 'tls_key_file': files / 'key.pem',
        'header_timeout_s': '1'}})
    try:
        client = server.start()
        with Wire(client.port) as silent:
            assert silent.answer() is None
        assert b'HTTP/1.1 200 OK' in s_client(client.port)[1]
        server.stop()
    finally:
        server.clean_up()


def test_a_location_says_https(port, files):
    trusted = ssl.create_default_context(cafile=str(files / 'certificate.pem'))
    connection = http.client.HTTPSConnection(HOST, port, context=trusted, timeout=ANSWER_SECONDS)
    connection.request('PUT', '/traits/CUSTOM_TLS', headers={
        'X-Auth-Token': 'admin', 'OpenStack-API-Version': 'placement 1.39'})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader('Location')) == (
        201, f'https://{HOST}:{port}/traits/CUSTOM_TLS')
    connection.close()


def test_the_files_may_be_named_on_the_command_line(files):
    server = Server(files / 'named', arguments=['--tls-cert', str(files / 'certificate.pem'),
                                                '--tls-key', str(files / 'key.pem')])
    try:
        assert b'HTTP/1.1 200 OK' in s_client(server.start().port)[1]
        server.stop()
    finally:
        server.clean_up()


def test_files_that_are_none_keep_it_from_starting(files, tmp_path):
    for certificate, key in (('key.pem', 'certificate.pem'), ('nowhere', 'key.pem'),
                             ('certificate.pem', '')):
        server = Server(tmp_path / 'bad', {'emplace': {
            'tls_certificate_file': files / certificate,
            'tls_key_file': files / key if key else ''}})
        with open(server.log_file, 'wb') as log:
            done = subprocess.run(server.command, stdout=log, stderr=log, timeout=ANSWER_SECONDS,
                                  env=server.environment, check=False)
        assert done.returncode == 1
        assert b'TLS' in read_from(server.log_file)
