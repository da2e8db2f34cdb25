"""Requests for the fuzzer: valid ones of operations.py, bent in one or more places. All chance
comes from one seed, so that a run can be had again."""
import copy
import json
import random

from operations import (CHILD, GROUP, NOBODY, OTHER_GROUP, ROOT, SERVER, SHARE, SPARE, UNKNOWN,
                        VOLUME, operations)

UUIDS = [ROOT, CHILD, SHARE, SPARE, GROUP, OTHER_GROUP, SERVER, VOLUME, NOBODY, UNKNOWN]
TEXTS = ['', ' ', 'x', 'VCPU', 'DISK_GB', 'CUSTOM_FPGA', 'CUSTOM_GOLD', 'CUSTOM_SPARE',
         'CUSTOM_NEW', 'INSTANCE',
         'MISC_SHARES_VIA_AGGREGATE', 'HW_CPU_X86_AVX', 'custom_x', 'CUSTOM_', 'CUSTOM_\u00c4',
         'a' * 201, 'A' * 256,
         'CUSTOM_' + 'B' * 248, '\n', 'VCPU\n', '\x00', '\x7f', '\u0085', '\u2028', '\ud83d\udc34',
         '\U0001f434', '\ud800', '\udfff',
         "'", '"', '\\', '%', '%s', '{}', '../..', '<b>', 'null', 'None', 'true', '0', '-1', 'in:',
         '!', 'a' * 5000,
         *UUIDS, ROOT.upper(), ROOT.replace('-', ''), '{' + SPARE + '}', 'urn:uuid:' + GROUP,
         '-' * 36, '0' * 32]
NUMBERS = [0, 1, -1, 2, 3, 7, 8, 9, 100, 255, 256, 1000, 4096, 65535, 2**31 - 1, 2**31, 2**32,
           2**53, 2**63 - 1,
           2**63, 2**64, 2**64 + 1, 10**30, -2**31, -2**63, -2**63 - 1, 0.0, -0.0, 0.5, 1.0, 1.5,
           2.5, 1e-300, 1e20,
           3.4e38, 3.5e38, 1e300]
# What json.dumps does not write.
TOKENS = [b'NaN', b'Infinity', b'-Infinity', b'1e999', b'-1e999', b'-0', b'01', b'+1', b'1.', b'.5',
          b'0x1', b'1_0', b'nul', b'tru',
          b'undefined', b'"\\ud800"', b'"\\u0000"', b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"',
          b'"', b'', b',', b'[', b'}', b'//x',
          b'\xef\xbb\xbf1', b'1' * 400, b'"' + b'a' * 20_000 + b'"', b'[' * 33 + b']' * 33,
          b'[' * 3000, b'{"a":' * 40,
          b'{"a":1,"a":2}', b'{"":{}}', b'[1,2,', b'\x00', b'[' + b'1,' * 1001 + b'1]']
METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'get', 'FROB',
           'GETT']
HEADERS = [
    ('OpenStack-API-Version', ['placement latest', 'placement 1.40', 'placement 0.9', 'placement x',
                               'compute 2.1', '', 'placement',
                               'placement 1.1, placement 1.39', 'placement 1.\xff',
                               'placement ' + '9' * 300]),
    ('Accept', ['', '*/*', 'text/html', 'text/plain', 'application/json;q=0.1', 'a/b', ',,;',
                'x' * 900, '\xff', 'text/*;q=0.5,*/*']),
    ('Content-Type', ['', 'text/plain', 'application/json; charset=x', 'Application/JSON',
                      'multipart/form-data', '\xff', 'x' * 900]),
    ('X-Auth-Token', ['', 'stranger', 'a:b', ':', '\xff', 'x' * 900]),
    ('X-Roles', ['', 'reader', 'member,service', ',,', '\xff', 'admin,' * 90]),
    ('X-Project-Id', ['', 'p', '\xff']), ('OpenStack-System-Scope', ['all', 'x']),
    ('X-Openstack-Request-Id', ['req-' + ROOT, 'req-x', '\xff', 'x' * 900]),
    ('If-Match', ['*', '"x"', 'W/"x"', '"', '\xff', '"a",' * 90]),
    ('If-None-Match', ['*', '"x"', 'W/"x"', '"', '\xff']),
    ('Expect', ['100-continue', 'x']), ('Connection', ['keep-alive', 'close', 'upgrade', ',,']),
    ('Origin', ['http://x', 'null', '\xff']),
    ('X-Forwarded-Host', ['evil', '\xff']), ('Forwarded', ['host=evil;proto=https', '"', ';;=']),
    ('Upgrade', ['h2c']),
    ('Host', ['', 'y:1', '[::1]', 'a b', '%', '\xff', 'x' * 300]), ('X_Roles', ['admin']),
    ('Cookie', ['a=b' * 300]),
    ('Content-Length', ['0', '1', '-1', 'x', '']), ('Transfer-Encoding', ['chunked', 'gzip', '']),
    ('X', ['', 'y' * 9000]),
]
QUERY_KEYS = ['resources', 'required', 'member_of', 'in_tree', 'limit', 'group_policy',
              'root_required', 'same_subtree', 'name', 'uuid',
              'project_id', 'user_id', 'consumer_type', 'associated', 'resources1', 'required1',
              'member_of_A', 'in_tree_A', 'resources_A',
              'junk', '', '%ff', 'resources%0a', 'required_' + 'x' * 65]
QUERY_VALUES = ['VCPU:1', 'VCPU:1,DISK_GB:2', 'VCPU:99999999999999999999', 'VCPU:0', 'VCPU', ':',
                'CUSTOM_GOLD', '!CUSTOM_GOLD', 'in:', '!in:', '!', ',',
                'in:CUSTOM_GOLD,HW_CPU_X86_AVX', 'in:' + GROUP + ',' + OTHER_GROUP, '!' + GROUP,
                'none', 'isolate', '_A,_B', '_A', '1', '0', '-1', '9' * 40,
                'startswith:C', 'in:VCPU', 'like:x', 'true', 'p', 'all', 'unknown', '%00', '%ff',
                '%0a', '%f0%9f%90%b4', '%', '%zz', '+', 'x' * 3000,
                'in:' + 'A,' * 1001, *UUIDS]


class Request:
    """What is sent, and whether it is one whole request for any reader: then one answer is due."""

    def __init__(self, data, well_framed, is_head=False):
        self.data, self.well_framed, self.is_head = data, well_framed, is_head


class Mutator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.corpus = operations()
        # So that some writes get as far as the database.
        self.provider_generation, self.consumer_generation = 3, None

    def request(self):
        one = self.random.choice(self.corpus)
        minor = self.random.randint(one.first, one.last)
        if self.random.random() < 0.1:
            minor = self.random.randrange(40)
        headers = {'Host': 'x', 'OpenStack-API-Version': f'placement 1.{minor}',
                   'X-Auth-Token': 'admin', 'X-Roles': 'admin,service'}
        method, path = one.method, one.path
        body = None if one.body is None else self.current(copy.deepcopy(one.body))
        data = None
        framed = True
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 2, 3))):
            kind = self.random.choice(('json', 'json', 'json', 'body', 'path', 'query', 'query',
                                       'header',
                                       'method', 'raw'))
            if kind == 'json' and body is not None:
                body = self.bent(body)
            elif kind == 'body' and body is not None:
                data = self.bent_bytes(data if data is not None else self.dumped(body))
            elif kind == 'path':
                path = self.bent_path(path)
            elif kind == 'query':
                path = self.bent_query(path)
            elif kind == 'header':
                name, values = self.random.choice(HEADERS)
                headers[name] = self.random.choice(values)
                framed = framed and name not in ('Content-Length', 'Transfer-Encoding')
            elif kind == 'method':
                method = self.random.choice(METHODS)
            elif kind == 'raw':
                framed = framed and self.random.random() < 0.7
        if data is None and body is not None:
            data = self.dumped(body)
        return self.composed(method, path, headers, data, framed)

    def current(self, body):
        """The body with generations as they are, where it names any."""
        if isinstance(body, dict):
            for name, value in body.items():
                if name == 'resource_provider_generation':
                    body[name] = self.provider_generation
                elif name == 'consumer_generation' and self.random.random() < 0.5:
                    body[name] = self.consumer_generation
                else:
                    self.current(value)
        return body

    def dumped(self, body):
        text = json.dumps(body, ensure_ascii=self.random.random() < 0.5)
        data = text.encode('utf-8', 'surrogatepass')
        while b'"@@' in data:  # see token()
            begin = data.index(b'"@@')
            end = data.index(b'@@"', begin)
            data = data[:begin] + TOKENS[int(data[begin + 3:end])] + data[end + 3:]
        return data

    def token(self):
        return f'@@{self.random.randrange(len(TOKENS))}@@'

    def value(self):
        kind = self.random.randrange(8)
        if kind < 2:
            return self.random.choice(NUMBERS)
        if kind < 4:
            return self.random.choice(TEXTS)
        if kind == 4:
            return self.random.choice((None, True, False, [], {}, [[]], [None], {'': None}))
        if kind == 5:
            return self.token()
        if kind == 6:  # something that belongs elsewhere
            return copy.deepcopy(self.random.choice([one.body for one in self.corpus if one.body]))
        return [self.random.choice(TEXTS) for _ in range(self.random.choice((1, 2, 3, 50)))]

    def bent(self, value):
        """The value with one change somewhere in it."""
        if isinstance(value, dict) and value and self.random.random() < 0.85:
            name = self.random.choice(list(value))
            choice = self.random.random()
            if choice < 0.65:
                value[name] = self.bent(value[name])
            elif choice < 0.75:
                del value[name]
            elif choice < 0.9:
                value[str(self.random.choice(TEXTS))] = self.value()
            else:
                value[str(self.random.choice(TEXTS))] = value.pop(name)
            return value
        if isinstance(value, list) and value and self.random.random() < 0.85:
            at = self.random.randrange(len(value))
            choice = self.random.random()
            if choice < 0.6:
                value[at] = self.bent(value[at])
            elif choice < 0.7:
                del value[at]
            elif choice < 0.85:
                value.append(copy.deepcopy(value[at]))
            else:
                value.append(self.value())
            return value
        return self.value()

    def bent_bytes(self, data):
        data = bytearray(data)
        for _ in range(self.random.choice((1, 1, 2, 8))):
            at = self.random.randrange(len(data) + 1)
            choice = self.random.random()
            if choice < 0.4 and at < len(data):
                data[at] = self.random.randrange(256)
            elif choice < 0.6:
                del data[at:at + self.random.choice((1, 2, 20))]
            elif choice < 0.8:
                data[at:at] = self.random.choice(TOKENS)
            else:
                other = self.random.randrange(len(data) + 1)
                data[at:at] = data[other:other + self.random.choice((1, 5, 60))]
        return bytes(data)

    def bent_path(self, path):
        path, mark, query = path.partition('?')
        parts = path.split('/')
        at = self.random.randrange(len(parts))
        choice = self.random.random()
        if choice < 0.5:
            parts[at] = self.encoded(self.random.choice(TEXTS))
        elif choice < 0.6:
            parts.insert(at, self.random.choice(('', '.', '..', '%2e%2e', '%2f', '*', 'traits',
                                                 'inventories')))
        elif choice < 0.7:
            del parts[at]
        elif choice < 0.9:
            parts[at] = self.encoded(parts[at], often=True)
        else:
            parts[at] = self.random.choice(('%', '%zz', '%00', '%0d%0a', '\xff', 'a b', '\x01', '#',
                                            'x' * 9000))
        return '/'.join(parts) + mark + query

    def encoded(self, text, often=False):
        """Percent-encoded where it must be, and here and there where it need not be."""
        out = ''
        for byte in text.encode('utf-8', 'surrogatepass'):
            plain = 0x21 <= byte < 0x7f and byte not in b'%#?/'
            if plain and not (often and self.random.random() < 0.3):
                out += chr(byte)
            else:
                out += f'%{byte:02x}'
        return out

    def bent_query(self, path):
        path, _, query = path.partition('?')
        items = query.split('&') if query else []
        choice = self.random.random()
        if items and choice < 0.3:
            at = self.random.randrange(len(items))
            name = items[at].partition('=')[0]
            items[at] = f'{name}={self.random.choice(QUERY_VALUES)}'
        elif items and choice < 0.4:
            items.append(self.random.choice(items))
        elif items and choice < 0.5:
            del items[self.random.randrange(len(items))]
        else:
            for _ in range(self.random.choice((1, 1, 2, 3, 130) if choice > 0.95 else (1, 2))):
                name, value = self.random.choice(QUERY_KEYS), self.random.choice(QUERY_VALUES)
                suffix = self.random.choice(('', '', '', '1', '_A', '_B'))
                items.append(f'{name}{suffix}={value}')
        return path + '?' + self.random.choice('&&&&;').join(items)

    def composed(self, method, path, headers, body, framed):
        if body is not None:
            headers.setdefault('Content-Type', 'application/json')
            if 'Content-Length' not in headers and 'Transfer-Encoding' not in headers:
                if self.random.random() < 0.2:
                    headers['Transfer-Encoding'] = 'chunked'
                    body = self.chunked(body)
                else:
                    headers['Content-Length'] = str(len(body))
        head = f'{method} {path} HTTP/1.1\r\n' + ''.join(
            f'{name}: {value}\r\n' for name, value in headers.items()) + '\r\n'
        data = head.encode('latin-1', 'replace') + (body or b'')
        if not framed:
            data = self.bent_bytes(data)
        return Request(data, framed, method == 'HEAD')

    def chunked(self, body):
        out = b''
        at = 0
        while at < len(body):
            size = self.random.choice((1, 3, 50, 1000, 10**6))
            piece = body[at:at + size]
            out += b'%x%s\r\n%s\r\n' % (len(piece), self.random.choice((b'', b'', b';a',
                                                                        b';a="b c"')), piece)
            at += size
            if len(out) > 40_000 and at < len(body):
                piece = body[at:]
                out += b'%x\r\n%s\r\n' % (len(piece), piece)
                break
        return out + b'0\r\n' + self.random.choice((b'', b'', b'X: y\r\n')) + b'\r\n'
