#!/usr/bin/env python3
# Every operation of the center's administration API on a running center, each
# answer held against X-Road's OpenAPI document (when it is there): documented
# status, required properties, types, enumerations. Then federation: a second
# center's anchor is verified, published and taken back.
import json, os, re, ssl, sys, time, urllib.error, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import at, code_of, eventually, free_port, ok, openssl

labkit.begin()
SPEC = os.path.join(labkit.VECTORS, 'x-road/openapi/central-server.yaml')
try:
    import yaml
    spec = yaml.safe_load(open(SPEC))
except Exception:
    spec = None
used = set()


# ---- a small judge of schemas ----
def deref(s):
    while '$ref' in s:
        s = spec['components']['schemas'][s['$ref'].split('/')[-1]]
    return s


def judge(s, v, at='$'):
    s = deref(s)
    if v is None and s.get('nullable'):
        return
    for part in s.get('allOf', []):
        judge(part, v, at)
    kind = s.get('type')
    if kind == 'object' or 'properties' in s:
        assert isinstance(v, dict), '%s is no object: %r' % (at, v)
        for key in s.get('required', []):
            if key not in s.get('properties', {}):
                continue  # some lists name what the document does not have
            if key.startswith('rsa_') and v.get('public_key_algorithm') == 'EC':
                continue
            if key == 'file_updated_at' and v.get('optional'):
                continue  # X-Road leaves out what is not there
            assert key in v, '%s lacks %s: %r' % (at, key, v)
        for key, sub in s.get('properties', {}).items():
            if key in v:
                judge(sub, v[key], at + '.' + key)
    elif kind == 'array':
        assert isinstance(v, list), '%s is no list: %r' % (at, v)
        for i, x in enumerate(v):
            judge(s['items'], x, '%s[%d]' % (at, i))
    elif kind == 'string':
        assert isinstance(v, str), '%s is no text: %r' % (at, v)
        # an RSA signature in hex is longer than the document believes
        assert len(v) <= s.get('maxLength', 1 << 30) or \
            at.endswith('.signature'), '%s is too long' % at
        # X-Road itself says "" for what is not there
        assert len(v) >= s.get('minLength', 0) or \
            re.search('security_server_id|alternative_names', at), \
            '%s is too short' % at
        if s.get('format') == 'date-time':
            assert re.match(r'\d{4}-\d\d-\d\dT[\d:.]+Z$', v), '%s: %r' % (at, v)
    elif kind == 'integer':
        assert isinstance(v, int) and not isinstance(v, bool), '%s: %r' % (at, v)
    elif kind == 'boolean':
        assert isinstance(v, bool), '%s: %r' % (at, v)
    if 'enum' in s and v is not None:
        assert v in s['enum'], '%s: %r is none of %r' % (at, v, s['enum'])


def operation(method, path):
    for pattern, ops in (spec['paths'] if spec else {}).items():
        want = '^' + re.sub(r'\\?\{[^}]*\\?\}', '[^/]+', re.escape(pattern)
                            .replace(r'\{', '{').replace(r'\}', '}')) + '$'
        if re.match(want, path) and method.lower() in ops:
            literal = '{' not in pattern
            yield (not literal, pattern, ops[method.lower()])


def check(method, path, status, body, kind):
    found = sorted(operation(method, path), key=lambda x: (x[0], x[1].count('{')))
    if not found:
        return None
    used.add((method, found[0][1]))
    op = found[0][2]
    answer = op['responses'].get(str(status))
    if answer is None and (method, status) == ('POST', 200) and \
            re.match('/initialization$|.*/signing-keys$', path):
        return None  # X-Road's controllers say 200, its document 201
    if answer is None:
        # X-Road answers with these beyond its own document
        return None if status in (400, 401, 403, 404, 409, 413) \
            else 'status %d is not documented' % status
    content = answer.get('content', {}).get('application/json')
    if status < 300 and content and kind == 'json':
        try:
            judge(content['schema'], body)
        except AssertionError as e:
            return str(e)
    return None


# ---- a center as a process ----
class Center(labkit.Machine):
    def __init__(self, name, more=''):
        self.port = {k: free_port() for k in ('http', 'reg', 'mgmt', 'admin')}
        super().__init__(name, '''[machilink]
roles = center, dashboard
data-dir = %s/data
[signer]
autologin-file = %s/pin
[center]
listen-address = 127.0.0.1
http-port = %d
registration-port = %d
management-port = %d
%s
[proxy-ui-api]
listen-address = 127.0.0.1
listen-port = %d
''' % (at(name), at(name), self.port['http'], self.port['reg'],
            self.port['mgmt'], more, self.port['admin']),
            'https://127.0.0.1:%d' % self.port['admin'])
        self.start()

    def call(self, method, path, body=None, form=None):
        status, kind, text = labkit.admin(self.url, self.key, method, path,
            body, form)
        kind = 'json' if 'json' in kind else ''
        return status, (json.loads(text) if kind and text else text), kind

    def want(self, status, method, path, body=None, form=None, code=None):
        got, answer, kind = self.call(method, path, body, form)
        bare = path.split('?')[0]
        why = check(method, bare, got, answer, kind) if spec else None
        ok(got == status and code in (None, code_of(answer)) and not why,
            '%s %s: %d %s' % (method, path, status, code or ''),
            '%s %s %r' % (got, why or '', answer))
        return answer

    def fetch(self, path):
        return urllib.request.urlopen('http://127.0.0.1:%d%s'
            % (self.port['http'], path), timeout=60).read()


def make_ca(name):
    key, crt = (at(name + e) for e in ('.key', '.pem'))
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
        'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', crt,
        '-days', '30', '-subj', '/C=JP/CN=' + name)
    return open(crt, 'rb').read()


def found(c, instance):
    """From nothing to a published configuration."""
    c.want(200, 'POST', '/initialization', {'instance_identifier': instance,
        'central_server_address': '127.0.0.1',
        'software_token_pin': 'Secret-1234'})
    c.want(201, 'POST', '/member-classes', {'code': 'GOV', 'description': 'G'})
    c.want(201, 'POST', '/members', {'member_id': {'member_class': 'GOV',
        'member_code': '1'}, 'member_name': '海風町'})
    c.want(201, 'POST', '/subsystems', {'subsystem_id': {'member_class': 'GOV',
        'member_code': '1', 'subsystem_code': 'Mgmt'},
        'subsystem_name': 'Management'})
    c.want(200, 'PATCH', '/management-services-configuration',
        {'service_provider_id': instance + ':GOV:1:Mgmt'})
    for source in ('INTERNAL', 'EXTERNAL'):
        c.want(200, 'POST', '/configuration-sources/%s/signing-keys' % source,
            {'key_label': 'k', 'token_id': '0'})


def published(get, part, there):
    """The publisher runs by itself after every change."""
    def has():
        try:
            return part in get()
        except urllib.error.HTTPError:
            return False
    return eventually(20, has, lambda got: got == there, 0.05) == there


def await_text(c, path, part, there=True):
    return published(lambda: c.fetch(path).decode(), part, there)


def shared(c, which='internalconf', name='SHARED-PARAMETERS'):
    text = c.fetch('/%s?version=6' % which).decode()
    m = re.search(name + r".*?Content-location: (\S+)", text, re.S)
    return c.fetch(m.group(1)).decode() if m else ''


def await_part(c, part, there=True, name='SHARED-PARAMETERS'):
    return published(lambda: shared(c, name=name), part, there)


# ---- groups of operations ----
def system(c):
    c.want(200, 'GET', '/initialization/status')
    c.want(200, 'GET', '/system/status')
    c.want(200, 'GET', '/system/version')
    c.want(200, 'GET', '/system/high-availability-cluster/status')
    c.want(200, 'PUT', '/system/server-address',
        {'central_server_address': '127.0.0.1'})
    c.want(200, 'GET', '/tokens')
    c.want(200, 'PUT', '/tokens/0/logout')
    c.want(400, 'PUT', '/tokens/0/logout', code='token_action_not_possible')
    c.want(400, 'PUT', '/tokens/0/login', {'password': 'wrong'},
        code='pin_incorrect')
    c.want(200, 'PUT', '/tokens/0/login', {'password': 'Secret-1234'})


def classes_and_members(c):
    c.want(200, 'GET', '/member-classes')
    c.want(409, 'POST', '/member-classes', {'code': 'GOV', 'description': 'x'},
        code='member_class_exists')
    c.want(201, 'POST', '/member-classes', {'code': 'COM', 'description': 'x'})
    c.want(200, 'PATCH', '/member-classes/COM', {'description': 'Companies'})
    c.want(404, 'PATCH', '/member-classes/NO', {'description': 'x'},
        code='member_class_not_found')
    c.want(409, 'DELETE', '/member-classes/GOV', code='member_class_is_in_use')
    c.want(201, 'POST', '/member-classes', {'code': 'TMP', 'description': 'x'})
    c.want(204, 'DELETE', '/member-classes/TMP')
    c.want(201, 'POST', '/members', {'member_id': {'member_class': 'COM',
        'member_code': '2'}, 'member_name': 'Port'})
    c.want(200, 'GET', '/members/BOX:COM:2')
    c.want(404, 'GET', '/members/BOX:COM:9', code='member_not_found')
    c.want(200, 'PATCH', '/members/BOX:COM:2', {'member_name': 'みなと'})
    c.want(201, 'POST', '/subsystems', {'subsystem_id': {'member_class': 'COM',
        'member_code': '2', 'subsystem_code': 'Data'}})
    c.want(409, 'POST', '/subsystems', {'subsystem_id': {'member_class': 'COM',
        'member_code': '2', 'subsystem_code': 'Data'}}, code='subsystem_exists')
    c.want(200, 'PATCH', '/subsystems/BOX:COM:2:Data',
        {'subsystem_name': 'Open data'})
    c.want(200, 'GET', '/members/BOX:COM:2/subsystems')
    for what in ('global-groups', 'owned-servers', 'used-servers'):
        c.want(200, 'GET', '/members/BOX:COM:2/' + what)
    page = c.want(200, 'GET',
        '/clients?sort=member_name&desc=true&limit=2&offset=1')
    ok(page['paging_metadata'] == {'total_items': 4, 'items': 2, 'limit': 2,
        'offset': 1}, 'the second page of clients', page)
    page = c.want(200, 'GET', '/clients?q=open&client_type=SUBSYSTEM')
    ok([x['client_id']['encoded_id'] for x in page['clients']]
        == ['BOX:COM:2:Data'], 'a search by name', page)
    c.want(400, 'GET', '/clients?sort=colour', code='invalid_sort_properties')
    c.want(400, 'GET', '/clients?limit=0',
        code='invalid_pagination_properties')


def groups(c):
    c.want(201, 'POST', '/global-groups', {'code': 'towns', 'description': 'T'})
    c.want(409, 'POST', '/global-groups', {'code': 'towns', 'description': 'T'},
        code='global_group_exists')
    c.want(200, 'PATCH', '/global-groups/towns', {'description': 'All towns'})
    c.want(201, 'POST', '/global-groups/towns/members/add',
        {'items': ['BOX:GOV:1', 'BOX:COM:2:Data']})
    c.want(404, 'POST', '/global-groups/towns/members/add',
        {'items': ['BOX:GOV:1', 'BOX:COM:9']}, code='member_not_found')
    got = c.want(200, 'GET', '/global-groups/towns')
    ok(got['member_count'] == 2, 'nothing half is added', got)
    page = c.want(200, 'POST', '/global-groups/towns/members', {'query': 'com',
        'paging_sorting': {'sort': 'code', 'limit': 5, 'offset': 0}})
    ok(len(page['items']) == 1, 'a search among members', page)
    c.want(200, 'GET', '/global-groups/towns/members/filter-model')
    ok(await_part(c, '>towns<'), 'the group is published')
    c.want(204, 'DELETE', '/global-groups/towns/members/BOX:COM:2:Data')
    c.want(404, 'DELETE', '/global-groups/towns/members/BOX:COM:2:Data',
        code='member_not_found')
    owners = '/global-groups/security-server-owners'
    c.want(400, 'DELETE', owners, code='owners_global_group_cannot_be_deleted')
    c.want(400, 'POST', owners + '/members/add', {'items': ['BOX:COM:2']},
        code='cannot_add_member_to_owners_group')
    c.want(200, 'GET', '/global-groups')
    c.want(204, 'DELETE', '/global-groups/towns')
    c.want(404, 'GET', '/global-groups/towns', code='global_group_not_found')


def trust(c):
    pem, sub = make_ca('Far CA'), make_ca('Far Sub')
    profile = ('ee.ria.xroad.common.certificateprofile.impl.'
               'BasicCertificateProfileInfoProvider')
    services = '/certification-services'
    c.want(400, 'POST', services, form={'certificate': pem,
        'certificate_profile_info': 'no.such.Class'},
        code='certificate_profile_info_class_not_found')
    c.want(400, 'POST', services, form={'certificate': b'junk',
        'certificate_profile_info': profile},
        code='cannot_convert_bytes_to_certificate')
    ca = c.want(201, 'POST', services, form={'certificate': pem,
        'certificate_profile_info': profile, 'tls_auth': 'false',
        'acme_server_directory_url': 'https://acme.example/dir',
        'acme_server_ip_address': '192.0.2.1'})
    at = '%s/%d' % (services, ca['id'])
    c.want(400, 'POST', services, form={'certificate': pem,
        'certificate_profile_info': profile}, code='certificate_already_exists')
    c.want(200, 'GET', services)
    c.want(200, 'GET', at)
    c.want(404, 'GET', services + '/99', code='certification_service_not_found')
    got = c.want(200, 'PATCH', at, {'tls_auth': 'true',
        'default_csr_format': 'DER', 'certificate_profile_info': profile})
    ok(got['tls_auth'] is True and got['acme_server_ip_address'] ==
        '192.0.2.1', 'what is not said stays', got)
    c.want(400, 'PATCH', at, {'acme_server_ip_address': 'x'},
        code='invalid_ip_address')
    c.want(200, 'GET', at + '/certificate')
    below = c.want(201, 'POST', at + '/intermediate-cas',
        form={'certificate': sub})
    mid = '/intermediate-cas/%d' % below['id']
    c.want(200, 'GET', at + '/intermediate-cas')
    c.want(200, 'GET', mid)
    ocsp = c.want(201, 'POST', at + '/ocsp-responders',
        form={'url': 'http://ocsp.example/1', 'cost_type': 'PAID',
              'certificate': sub})
    c.want(400, 'POST', at + '/ocsp-responders',
        form={'url': 'ftp://x', 'cost_type': 'FREE'}, code='invalid_url')
    other = c.want(201, 'POST', mid + '/ocsp-responders',
        form={'url': 'http://ocsp.example/2', 'cost_type': 'FREE'})
    c.want(200, 'GET', at + '/ocsp-responders')
    c.want(200, 'GET', mid + '/ocsp-responders')
    resp = '/ocsp-responders/%d' % ocsp['id']
    c.want(200, 'GET', resp)
    c.want(200, 'GET', resp + '/certificate')
    c.want(200, 'PATCH', resp, form={'url': 'http://ocsp.example/3',
        'cost_type': 'FREE'})
    ok(await_part(c, 'http://ocsp.example/3') and
        await_part(c, 'http://ocsp.example/2') and
        await_part(c, 'https://acme.example/dir'), 'all that is published')
    c.want(204, 'DELETE', mid + '/ocsp-responders/%d' % other['id'])
    c.want(204, 'DELETE', resp)
    c.want(404, 'GET', resp, code='ocsp_responder_not_found')
    c.want(204, 'DELETE', mid)
    c.want(204, 'DELETE', at)
    tsa = c.want(201, 'POST', '/timestamping-services', form={'certificate':
        sub, 'url': 'http://tsa.example', 'cost_type': 'UNDEFINED'})
    at = '/timestamping-services/%d' % tsa['id']
    c.want(200, 'GET', '/timestamping-services')
    c.want(200, 'GET', at)
    c.want(200, 'PATCH', at, form={'url': 'http://tsa.example/2',
        'cost_type': 'PAID'})
    ok(await_part(c, 'http://tsa.example/2'), 'the time-stamping service too')
    c.want(204, 'DELETE', at)
    c.want(404, 'GET', at, code='timestamping_authority_not_found')
    ok(await_part(c, 'Far CA', there=False), 'gone means gone')


def auth_cert(c):
    """A key outside, a certificate of the center's own authority."""
    c.want(201, 'POST', '/machilink/trust-services', {'name': 'Box'})
    key, csr = (at(n) for n in ('auth.key', 'auth.csr'))
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key,
        '-out', csr, '-subj', '/C=JP/O=Town/serialNumber=1/CN=ss1')
    a = c.want(201, 'POST', '/machilink/certificates', {'csr':
        open(csr).read(), 'usage': 'AUTHENTICATION',
        'security_server_id': 'BOX:GOV:1:ss1'})
    pem = a['certificate'].strip().split('\n')
    return ''.join(pem[1:-1])


def requests(c):
    cert = auth_cert(c)
    server = 'BOX:GOV:1:ss1'
    reg = {'type': 'AUTH_CERT_REGISTRATION_REQUEST', 'origin': 'CENTER',
        'security_server_id': server, 'server_address': 'ss1.example',
        'authentication_certificate': cert}
    first = c.want(202, 'POST', '/management-requests', reg)
    c.want(409, 'POST', '/management-requests', reg,
        code='management_request_exists')
    c.want(204, 'DELETE', '/management-requests/%d' % first['id'])
    c.want(400, 'DELETE', '/management-requests/%d' % first['id'],
        code='management_request_invalid_state')
    got = c.want(200, 'GET', '/management-requests/%d' % first['id'])
    ok(got['status'] == 'REVOKED' and got['certificate_details'],
        'our own is revoked', got)
    again = c.want(202, 'POST', '/management-requests', reg)
    c.want(200, 'POST', '/management-requests/%d/approval' % again['id'])
    c.want(400, 'POST', '/management-requests/%d/approval' % again['id'],
        code='management_request_invalid_state_for_approval')
    c.want(404, 'GET', '/management-requests/999',
        code='management_request_not_found')
    page = c.want(200, 'GET', '/management-requests?sort=id&types='
        'AUTH_CERT_REGISTRATION_REQUEST&origin=CENTER&limit=1')
    ok([x['id'] for x in page['items']] == [first['id']] and
        page['paging_metadata']['total_items'] == 2, 'requests in pages', page)
    c.want(400, 'GET', '/management-requests?types='
        'AUTH_CERT_REGISTRATION_REQUEST&types=X', code='validation_failure')
    page = c.want(200, 'GET', '/management-requests?query=ss1&server_id='
        + server + '&status=APPROVED')
    ok([x['id'] for x in page['items']] == [again['id']], 'a filter', page)
    c.want(400, 'POST', '/management-requests', {'type': 'HOLIDAY',
        'origin': 'CENTER', 'security_server_id': server},
        code='validation_failure')


def servers(c):
    server = '/security-servers/BOX:GOV:1:ss1'
    c.want(200, 'GET', '/security-servers?q=ss1&sort=owner_name')
    c.want(200, 'GET', server)
    c.want(404, 'GET', '/security-servers/BOX:GOV:1:no',
        code='security_server_not_found')
    c.want(200, 'PATCH', server, {'server_address': 'two.example'})
    ok(await_part(c, 'two.example'), 'the new address is published')
    c.want(200, 'GET', '/members/BOX:GOV:1/owned-servers')
    c.want(409, 'DELETE', '/members/BOX:GOV:1',
        code='member_is_management_service_provider')
    c.want(200, 'POST', '/management-services-configuration/register-provider',
        {'security_server_id': 'BOX:GOV:1:ss1'})
    c.want(200, 'GET', '/management-services-configuration')
    c.want(202, 'POST', '/management-requests', {'origin': 'CENTER', 'type':
        'CLIENT_REGISTRATION_REQUEST', 'security_server_id': 'BOX:GOV:1:ss1',
        'client_id': 'BOX:COM:2:Data'})
    page = c.want(200, 'GET', '/management-requests?status=WAITING')
    c.want(200, 'POST', '/management-requests/%d/approval'
        % page['items'][0]['id'])
    c.want(200, 'GET', server + '/clients')
    c.want(409, 'DELETE', '/subsystems/BOX:COM:2:Data',
        code='subsystem_registered_and_cannot_be_deleted')
    c.want(204, 'DELETE', '/subsystems/BOX:COM:2:Data/servers/BOX:GOV:1:ss1')
    c.want(204, 'DELETE', '/subsystems/BOX:COM:2:Data')
    c.want(202, 'POST', '/management-requests', {'origin': 'CENTER', 'type':
        'CLIENT_REGISTRATION_REQUEST', 'security_server_id': 'BOX:GOV:1:ss1',
        'client_id': 'BOX:COM:2'})
    page = c.want(200, 'GET', '/management-requests?status=WAITING')
    c.want(200, 'POST', '/management-requests/%d/approval'
        % page['items'][0]['id'])
    c.want(204, 'DELETE', '/members/BOX:COM:2/servers/BOX:GOV:1:ss1')
    c.want(204, 'DELETE', '/members/BOX:COM:2')
    certs = c.want(200, 'GET', server + '/authentication-certificates')
    c.want(204, 'DELETE', server + '/authentication-certificates/%d'
        % certs[0]['id'])
    c.want(404, 'DELETE', server + '/authentication-certificates/%d'
        % certs[0]['id'], code='ss_auth_certificate_not_found')
    c.want(204, 'DELETE', server)
    ok(await_part(c, 'two.example', there=False), 'the server is gone')


def door(c):
    path = '/management-services-configuration'
    before = c.want(200, 'GET', path + '/certificate')
    c.want(201, 'POST', path + '/certificate')
    after = c.want(200, 'GET', path + '/certificate')
    ok(before['hash'] != after['hash'], 'a new key and certificate')
    served = ssl.get_server_certificate(('127.0.0.1', c.port['mgmt']))
    import hashlib
    ok(hashlib.sha256(ssl.PEM_cert_to_DER_cert(served)).hexdigest().upper()
        == after['hash'], 'which new connections see')
    got = c.want(200, 'GET', path + '/download-certificate')
    import io, tarfile
    names = tarfile.open(fileobj=io.BytesIO(got), mode='r:gz').getnames()
    ok(names == ['cert.pem', 'cert.cer'], 'the archive', names)
    c.want(400, 'POST', path + '/generate-csr', {'name': 'nonsense'},
        code='invalid_distinguished_name')
    csr = c.want(201, 'POST', path + '/generate-csr',
        {'name': 'CN=127.0.0.1, O=Center'})
    open(at('door.csr'), 'wb').write(csr)
    openssl('x509', '-req', '-in', at('door.csr'), '-CA',
        at('Far CA.pem'), '-CAkey', at('Far CA.key'), '-out', at('door.pem'),
        '-days', '10')
    pem = open(at('door.pem'), 'rb').read()
    c.want(400, 'POST', path + '/upload-certificate', form={'certificate':
        open(at('Far CA.pem'), 'rb').read()}, code='key_not_found')
    c.want(200, 'POST', path + '/upload-certificate', form={'certificate': pem})
    c.want(409, 'POST', path + '/upload-certificate', form={'certificate': pem},
        code='certificate_already_exists')
    served = ssl.get_server_certificate(('127.0.0.1', c.port['mgmt']))
    ok(ssl.PEM_cert_to_DER_cert(served)
        == ssl.PEM_cert_to_DER_cert(pem.decode()), 'which is served at once')


def configuration(c):
    for source in ('INTERNAL', 'EXTERNAL'):
        at = '/configuration-sources/' + source
        c.want(200, 'GET', at + '/anchor')
        c.want(200, 'GET', at + '/anchor/download')
        c.want(200, 'PUT', at + '/anchor/re-create')
        c.want(200, 'GET', at + '/download-url')
        c.want(200, 'GET', at + '/configuration-parts')
        c.want(200, 'GET', at
            + '/configuration-parts/SHARED-PARAMETERS/5/download')
    at = '/configuration-sources/INTERNAL/configuration-parts'
    part = (b'<x:conf xmlns:x="http://x-road.eu/xsd/xroad.xsd">'
            b'<ocspFetchInterval>300</ocspFetchInterval></x:conf>')
    c.want(404, 'GET', at + '/FETCHINTERVAL/0/download',
        code='configuration_part_file_not_found')
    c.want(400, 'POST', at, form={'content_identifier': 'FETCHINTERVAL',
        'file': b'<x/>'}, code='configuration_part_validation_failed')
    c.want(400, 'POST', at, form={'content_identifier': 'OTHER', 'file': part},
        code='unknown_configuration_part')
    c.want(204, 'POST', at, form={'content_identifier': 'FETCHINTERVAL',
        'file': part})
    ok(c.want(200, 'GET', at + '/FETCHINTERVAL/0/download') == part,
        'the part comes back as it was')
    ok(await_part(c, '>300<', name='FETCHINTERVAL'), 'and is published')
    ok('FETCHINTERVAL' not in c.fetch('/externalconf?version=6').decode(),
        'the external source has shared parameters only')
    # a new signing key: announced first, used after activation
    made = c.want(200, 'POST', '/configuration-sources/INTERNAL/signing-keys',
        {'key_label': 'next', 'token_id': '0'})
    c.want(409, 'POST', '/configuration-sources/INTERNAL/signing-keys',
        {'key_label': 'third', 'token_id': '0'},
        code='signing_key_action_not_possible')
    keys = c.want(200, 'GET', '/tokens')[0]['configuration_signing_keys']
    old = [k for k in keys if k['active'] and k['source_type'] == 'INTERNAL'][0]
    c.want(204, 'PUT', '/signing-keys/%s/activate' % made['id'])
    c.want(204, 'DELETE', '/signing-keys/%s' % old['id'])
    c.want(404, 'DELETE', '/signing-keys/%s' % old['id'],
        code='signing_key_not_found')


def federation(c):
    other = Center('other')
    found(other, 'FAR')
    ok(await_text(other, '/externalconf?version=6', 'SHARED-PARAMETERS'),
        'the partner publishes')
    status, anchor, _ = other.call('GET',
        '/configuration-sources/EXTERNAL/anchor/download')
    inside = other.call('GET',
        '/configuration-sources/INTERNAL/anchor/download')[1]
    own = c.call('GET', '/configuration-sources/EXTERNAL/anchor/download')[1]
    c.want(400, 'POST', '/trusted-anchors/preview', form={'anchor': b'junk'},
        code='malformed_anchor')
    c.want(400, 'POST', '/trusted-anchors', form={'anchor': own},
        code='malformed_anchor')
    seen = c.want(200, 'POST', '/trusted-anchors/preview',
        form={'anchor': anchor})
    c.want(400, 'POST', '/trusted-anchors', form={'anchor': inside},
        code='trusted_anchor_verification_failed')
    got = c.want(201, 'POST', '/trusted-anchors', form={'anchor': anchor})
    ok(seen == got and got['instance_identifier'] == 'FAR', 'as previewed', got)
    c.want(200, 'GET', '/trusted-anchors')
    at = '/trusted-anchors/' + got['hash']
    ok(c.want(200, 'GET', at + '/download') == anchor, 'the file as it was')
    ok(await_part(c, '>FAR<', name='PRIVATE-PARAMETERS'),
        'the partner is in the private parameters')
    ok('>FAR<' not in shared(c), 'and nowhere else')
    partners(c, other)
    c.want(204, 'DELETE', at)
    c.want(404, 'DELETE', at, code='trusted_anchor_not_found')
    ok(await_part(c, '>FAR<', there=False, name='PRIVATE-PARAMETERS'),
        'and is taken back')
    other.stop()


class Server(labkit.Machine):
    """A security server as far as its configuration client goes."""
    def __init__(self, name, allowed, anchor):
        ports = [free_port() for _ in range(5)]
        super().__init__(name, '''[machilink]
roles = security-server, dashboard
data-dir = %s/data
[configuration-client]
update-interval = 1
allowed-federations = %s
configuration-anchor-file = %s/anchor.xml
[proxy]
connector-host = 127.0.0.1
client-http-port = %d
client-https-port = %d
server-listen-address = 127.0.0.1
server-listen-port = %d
ocsp-responder-listen-address = 127.0.0.1
ocsp-responder-port = %d
[proxy-ui-api]
listen-address = 127.0.0.1
listen-port = %d
''' % (at(name), allowed, at(name), *ports))
        with open(at(name, 'anchor.xml'), 'wb') as f:
            f.write(anchor)
        self.start()

    def has(self, instance, there=True):
        path = os.path.join(self.dir, 'data', 'globalconf', instance,
            'shared-params.xml')
        return eventually(20, lambda: os.path.exists(path), lambda got:
            got == there, 0.05) == there


def partners(c, other):
    """Servers take what their operator allows, and keep it."""
    anchor = c.call('GET', '/configuration-sources/INTERNAL/anchor/download')[1]
    some = Server('some', 'no-such, far', anchor)
    nobody = Server('nobody', 'all, none', anchor)
    ok(some.has('BOX') and some.has('FAR'), 'an allowed partner is taken')
    ok(nobody.has('BOX') and nobody.has('FAR', there=False),
        'none wins over all')
    nobody.stop()
    at = c.call('GET', '/trusted-anchors')[1][0]['hash']
    c.want(204, 'DELETE', '/trusted-anchors/' + at)
    ok(some.has('FAR', there=False), 'who is no partner any more is forgotten')
    anchor = other.call('GET',
        '/configuration-sources/EXTERNAL/anchor/download')[1]
    c.want(201, 'POST', '/trusted-anchors', form={'anchor': anchor})
    ok(some.has('FAR'), 'and may come back')
    # the own internal key changes without a new anchor: sources announce it
    made = c.want(200, 'POST', '/configuration-sources/INTERNAL/signing-keys',
        {'key_label': 'rotated', 'token_id': '0'})
    path = os.path.join(some.dir, 'data', 'globalconf', 'BOX',
        'shared-params.xml')
    until = time.monotonic() + 60
    count = lambda: open(path).read().count('<internalVerificationCert>')
    while count() < 2 and time.monotonic() < until:
        time.sleep(0.05)
    ok(count() == 2, 'the new key is announced')
    c.want(204, 'PUT', '/signing-keys/%s/activate' % made['id'])
    c.want(201, 'POST', '/member-classes', {'code': 'NEW', 'description': 'x'})
    while '<code>NEW</code>' not in open(path).read() \
            and time.monotonic() < until + 60:
        time.sleep(0.05)
    ok('<code>NEW</code>' in open(path).read(),
        'and trusted without a new anchor')
    some.stop()


def common(c):
    c.want(200, 'GET', '/user')
    got = c.want(200, 'GET', '/user/roles')
    ok('XROAD_REGISTRATION_OFFICER' in got, 'the roles of the key', got)
    ok(c.want(200, 'GET', '/notifications/session-status')
        == {'valid': True}, 'who is answered is signed in')


def pinned():
    """The management service for one security server alone."""
    make_ca('one')
    make_ca('two')
    files = [at(n) for n in ('one.pem', 'one.key', 'two.pem', 'two.key')]
    c = Center('pinned', 'management-client-certificate-file = ' + files[0])
    def post(cert=None, key=None):
        t = ssl._create_unverified_context()
        if cert:
            t.load_cert_chain(cert, key)
        q = urllib.request.Request('https://127.0.0.1:%d/managementservice/'
            'manage/' % c.port['mgmt'], b'x', {'Content-Type': 'text/xml'})
        try:
            return urllib.request.urlopen(q, context=t, timeout=60).status
        except urllib.error.HTTPError as e:
            return e.code
        except (urllib.error.URLError, OSError):
            return 0
    ok(post() == 0, 'no certificate, no answer')
    ok(post(files[2], files[3]) == 0, 'another certificate neither')
    ok(post(files[0], files[1]) == 500, 'the one named is served')
    c.stop()


def backed(c):
    for method, path in (('GET', '/backups'), ('POST', '/backups'),
            ('DELETE', '/backups/x'), ('GET', '/openapi.yaml')):
        status, answer, _ = c.call(method, path)
        ok(status < 500 or status == 501, '%s %s: %d' % (method, path, status),
            answer)


c = Center('center')
found(c, 'BOX')
system(c)
ok(await_part(c, '>BOX<'), 'the configuration is published')
classes_and_members(c)
groups(c)
trust(c)
requests(c)
servers(c)
door(c)
configuration(c)
federation(c)
common(c)
backed(c)
pinned()
c.stop()
if spec:
    known = {(m.upper(), p) for p, ops in spec['paths'].items() for m in ops
             if m in ('get', 'put', 'post', 'patch', 'delete')}
    known = {x for x in known if not x[1].startswith('/backups')
             and x[1] != '/openapi.yaml'}
    ok(known <= used, 'every operation was asked', sorted(known - used))
labkit.done()
