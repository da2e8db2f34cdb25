"""Metrics and health, on a listener of their own."""
import re

import pytest

from harness import Client, free_port, new_name, new_uuid

SAMPLE = re.compile(r'^([a-z_]+)(?:\{([^}]*)\})? ([0-9.e+-]+|\+Inf)$')


class Monitored:
    """A server that serves metrics."""

    def __init__(self, make_server, options=None):
        self.port = free_port()
        groups = {group: dict(values) for group, values in (options or {}).items()}
        groups.setdefault('emplace', {})['metrics_port'] = str(self.port)
        self.server = make_server(groups)
        self.api = self.server.start()
        self.monitor = Client(self.port)

    def get(self, path, method='GET'):
        return self.monitor.request(method, path, token=None, version=None)

    def samples(self):
        """All samples as {'name{labels}': value}; every line has to be of the format."""
        answer = self.get('/metrics')
        assert answer.status == 200
        found = {}
        for line in answer.body.decode().splitlines():
            if line.startswith('#'):
                assert re.match(r'# (HELP [a-z_]+ \S.*|TYPE [a-z_]+ (counter|gauge|histogram))$',
                                line), line
                continue
            match = SAMPLE.match(line)
            assert match, line
            name = match[1] + (f'{{{match[2]}}}' if match[2] else '')
            assert name not in found, 'twice: ' + name
            found[name] = float(match[3])
        return found


@pytest.fixture
def monitored(make_server):
    return Monitored(make_server)


def test_metrics_have_the_type_that_prometheus_reads(monitored):
    answer = monitored.get('/metrics')
    assert answer.header('content-type') == 'text/plain; version=0.0.4; charset=utf-8'
    assert answer.body.endswith(b'\n')
    assert monitored.samples()


def test_requests_are_counted_by_method_and_status(monitored):
    before = monitored.samples()
    monitored.api.get('/traits')
    monitored.api.get('/nowhere')
    monitored.api.put('/traits/CUSTOM_A')
    monitored.api.put('/traits/CUSTOM_A', token='someone')
    monitored.api.put('/traits/CUSTOM_A', token=None)
    after = monitored.samples()

    def grown(name):
        return after[name] - before[name]

    for method, status, count in (('GET', '2xx', 1), ('GET', '4xx', 1), ('PUT', '2xx', 1),
                                  ('PUT', '4xx', 2), ('DELETE', '2xx', 0)):
        assert grown(f'emplace_requests_total{{method="{method}",status="{status}"}}') == count
    assert grown('emplace_refusals_total{reason="forbidden"}') == 1
    assert grown('emplace_refusals_total{reason="unauthenticated"}') == 1
    assert grown('emplace_request_duration_seconds_count{kind="read"}') == 2
    assert grown('emplace_request_duration_seconds_count{kind="write"}') == 3
    assert grown('emplace_commits_total') == 1
    assert grown('emplace_commit_writes_sum') == 1
    assert grown('emplace_commit_duration_seconds_count') == 1


def test_buckets_only_grow_and_end_with_the_count(monitored):
    for _ in range(20):
        monitored.api.put(f'/traits/{new_name("CUSTOM_")}')
    samples = monitored.samples()
    for name, labels in (('emplace_request_duration_seconds', 'kind="write",'),
                         ('emplace_commit_duration_seconds', ''), ('emplace_commit_writes', '')):
        buckets = [value for key, value in samples.items()
                   if key.startswith(f'{name}_bucket{{{labels}')]
        assert buckets == sorted(buckets) and buckets[-1] == 20
        assert samples[f'{name}_bucket{{{labels}le="+Inf"}}'] == 20


def test_gauges_tell_the_state(monitored):
    before = monitored.samples()
    assert before['emplace_resource_providers'] == 0
    provider = monitored.api.provider(VCPU=4)
    assert monitored.api.claim(new_uuid(), {provider: {'VCPU': 1}}).status == 204
    after = monitored.samples()
    assert after['emplace_resource_providers'] == 1
    assert after['emplace_consumers'] == 1
    assert after['emplace_world_version'] > before['emplace_world_version']
    assert after['emplace_writes_waiting'] == 0
    assert after['emplace_store_healthy'] == 1
    assert after['emplace_audit_lines_lost_total'] == 0
    assert after['emplace_http_connections'] >= 0


def test_refusals_of_http_are_counted_by_status(monitored):
    monitored.api.raw(b'PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n')
    monitored.api.raw(b'PUT / HTTP/1.1\r\n\r\n')
    samples = monitored.samples()
    assert samples['emplace_http_refusals_total{status="413"}'] == 1
    assert samples['emplace_http_refusals_total{status="400"}'] == 1


def test_searches_that_were_given_up_are_counted(make_server):
    monitored = Monitored(make_server, {'emplace': {'search_work_max': '10'}})
    for _ in range(20):
        monitored.api.provider(VCPU=4)
    assert monitored.api.get('/allocation_candidates?resources=VCPU:1').status == 503
    samples = monitored.samples()
    assert samples['emplace_search_budget_exceeded_total'] == 1
    assert samples['emplace_refusals_total{reason="queue_full"}'] == 0


def test_lost_audit_lines_are_counted(make_server):
    monitored = Monitored(make_server, {'emplace': {'audit_file': '/dev/full'}})
    monitored.api.put('/traits/CUSTOM_A')
    assert monitored.samples()['emplace_audit_lines_lost_total'] == 1


def test_health_is_ok_while_the_store_is(monitored):
    answer = monitored.get('/healthz')
    assert (answer.status, answer.body) == (200, b'ok\n')
    assert monitored.get('/healthz', 'HEAD').status == 200


def test_nothing_else_is_there(monitored):
    assert monitored.get('/').status == 404
    assert monitored.get('/resource_providers').status == 404
    answer = monitored.get('/metrics', 'POST')
    assert (answer.status, answer.header('allow')) == (405, 'GET, HEAD')


def test_the_api_itself_serves_no_metrics(monitored):
    assert monitored.api.get('/metrics').status == 404
    assert monitored.api.get('/healthz').status == 404


def test_by_default_there_is_no_listener(server, api):
    assert 'metrics and health on' not in server.log()
    assert api.get('/').status == 200


def test_a_port_that_is_taken_keeps_it_from_starting(make_server, api):
    server = make_server({'emplace': {'metrics_port': str(api.port)}})
    with pytest.raises(AssertionError, match='it ended'):
        server.start()
    assert 'Cannot listen on' in server.log()
