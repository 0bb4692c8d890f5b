#!/usr/bin/env python3
# Bad input over the administration API of a running network: each refusal has
# its documented code and leaves every table and every exported member as it
# was. Then administrators who work at once, and a flood at the center's doors.
import http.client, os, shutil, signal, sqlite3, subprocess, sys, threading
import time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, TLS, at, code_of, ok, openssl

labkit.begin()
lab = labkit.Lab('127.15.%d' % (220 + os.getpid() % 30))
LAB, state, call = lab.dir, lab.state, lab.call
TOWN, FIRM = 'LAB:GOV:9000020994014', 'LAB:COM:2010401999001'
CLIENT = TOWN + ':opendata'
DATABASE = {'town': 'server.db', 'center': 'center.sqlite'}


def rows(who):
    """Every table that a request could change."""
    db = sqlite3.connect(os.path.join(LAB, who, 'data', DATABASE[who]),
        timeout=60)
    names = [n for n, in db.execute("SELECT name FROM sqlite_master WHERE "
        "type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
    got = {n: sorted(map(repr, db.execute('SELECT * FROM "%s"' % n)))
        for n in names}
    db.close()
    return got


def export(who):
    p = subprocess.run([BIN, 'export', '--json', '--config', os.path.join(LAB,
        who, 'machilink.ini')], capture_output=True, text=True, timeout=60,
        env=dict(os.environ, MACHILINK_API_KEY=state[who]['key']))
    return p.stdout if p.returncode == 0 else p.stderr


def snapshot(who):
    r = rows(who)
    return {n: r[n] for n in r if n not in moving[who]}, export(who)


# tables that live on their own (states of responders, requests under way)
moving = {}
for who in DATABASE:
    one = rows(who)
    time.sleep(3)
    two = rows(who)
    moving[who] = {n for n in two if one.get(n) != two[n]}
    ok(len(moving[who]) < 3, 'few tables of the %s move' % who, moving[who])


def difference(a, b):
    return [n for n in a[0] if a[0][n] != b[0].get(n)] + (
        [a[1], b[1]] if a[1] != b[1] else [])


def refused(status, code, who, method, path, body=None, form=None, before=None,
        warning=None):
    """The code, and nothing changed."""
    was = snapshot(who)
    got, answer = call(who, method, path, body, form)
    warnings = [w['code'] for w in answer.get('warnings', [])] \
        if isinstance(answer, dict) else []
    ok(got == status and code_of(answer) == code and (warning is None or
        warning in warnings), '%s %s %s: %d %s %s' % (who, method, path,
        status, code, warning or ''), '%s %r' % (got, answer))
    now = snapshot(who)
    ok(was == now, '  and the %s is as before' % who, difference(was, now))
    return answer


# ---- PINs ----
pin = state['town']['pin']
refused(400, 'pin_incorrect', 'town', 'PUT', '/tokens/0/pin',
    {'old_pin': 'wrong', 'new_pin': 'Another-1234'})
ok(call('town', 'PUT', '/tokens/0/logout')[0] == 200, 'logged out')
refused(400, 'pin_incorrect', 'town', 'PUT', '/tokens/0/login',
    {'password': 'wrong'})
ok(call('town', 'GET', '/tokens/0')[1]['logged_in'] is False, 'still out')
ok(call('town', 'PUT', '/tokens/0/login', {'password': pin})[0] == 200,
    'the right one still opens it')
refused(409, 'server_already_fully_initialized', 'town', 'POST',
    '/initialization', {'owner_member_class': 'GOV', 'owner_member_code': '1',
    'security_server_code': 's', 'software_token_pin': 'Another-1234',
    'ignore_warnings': True})

# ---- anchors ----
anchor = open(os.path.join(LAB, 'anchor.xml'), 'rb').read()
address = state['center']['address'].encode()
refused(400, 'malformed_anchor', 'town', 'PUT', '/system/anchor', b'<a>')
refused(400, 'malformed_anchor', 'town', 'PUT', '/system/anchor',
    anchor[:-200])
refused(400, 'internal_anchor_upload_invalid_instance_id', 'town', 'PUT',
    '/system/anchor', anchor.replace(b'>LAB<', b'>OTHER<'))
refused(409, 'anchor_already_exists', 'town', 'POST', '/system/anchor', anchor)
town = state['town']['address']
closed = ('%s:%d' % (town, labkit.free_port(town))).encode()
refused(400, 'conf_download_failed', 'town', 'PUT', '/system/anchor',
    anchor.replace(address, closed))

# ---- certificates ----
have_openssl = shutil.which('openssl') is not None
refused(400, 'invalid_certificate', 'town', 'POST', '/token-certificates',
    b'x' * 99)
refused(400, 'invalid_certificate', 'town', 'POST',
    '/clients/%s/tls-certificates' % CLIENT, b'-----BEGIN x')
if have_openssl:
    made = call('town', 'POST', '/tokens/0/keys-with-csrs', {'key_label':
        'foreign', 'csr_generate_request': {'key_usage_type': 'SIGNING',
        'ca_name': 'LAB', 'csr_format': 'PEM', 'member_id': TOWN,
        'subject_field_values': {'C': 'JP', 'O': 'x', 'businessCategory':
        'GOV', 'serialNumber': TOWN.split(':')[2], 'CN': 'x'}}})[1]
    csr = call('town', 'GET', '/keys/%s/csrs/%s?csr_format=PEM'
        % (made['key']['id'], made['csr_id']))[1]
    open(at('csr'), 'wb').write(csr)
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout',
        at('ca.key'), '-out', at('ca.pem'), '-days', '9', '-subj', '/CN=Evil')
    open(at('ext'), 'w').write('keyUsage=critical,nonRepudiation\n')
    openssl('x509', '-req', '-in', at('csr'), '-CA', at('ca.pem'), '-CAkey',
        at('ca.key'), '-CAcreateserial', '-out', at('leaf.pem'), '-days', '9',
        '-extfile', at('ext'))
    refused(400, 'cert_import_failed', 'town', 'POST', '/token-certificates',
        open(at('leaf.pem'), 'rb').read())
    openssl('req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout',
        at('k'), '-out', at('other.csr'), '-subj', '/C=JP/O=LAB/CN=%s/'
        'businessCategory=GOV/serialNumber=%s' % ('x', TOWN.split(':')[2]))
    pem = call('center', 'POST', '/machilink/certificates', {'csr':
        open(at('other.csr')).read(), 'usage': 'SIGNING', 'member_id': TOWN})
    ok(pem[0] == 201, 'a certificate for somebody else\'s key', pem)
    refused(400, 'key_not_found', 'town', 'POST', '/token-certificates',
        pem[1]['certificate'].encode())
    good = call('center', 'POST', '/machilink/certificates', {'csr':
        csr.decode(), 'usage': 'SIGNING', 'member_id': TOWN})[1]
    ok(call('town', 'POST', '/token-certificates',
        good['certificate'].encode())[0] == 201, 'the network\'s own is taken')
    refused(409, 'certificate_already_exists', 'town', 'POST',
        '/token-certificates', good['certificate'].encode())

# ---- clients and what they serve ----
refused(409, 'client_already_exists', 'town', 'POST', '/clients', {'client':
    {'member_class': 'GOV', 'member_code': '9000020994014', 'subsystem_code':
    'opendata', 'connection_type': 'HTTP'}, 'ignore_warnings': True})
refused(400, 'warnings_detected', 'town', 'POST', '/clients', {'client':
    {'member_class': 'GOV', 'member_code': '131017', 'subsystem_code': 'x',
    'connection_type': 'HTTP'}, 'ignore_warnings': False},
    warning='member_code_check_digit')
answer = refused(400, 'warnings_detected', 'town', 'POST', '/clients',
    {'client': {'member_class': 'GOV', 'member_code': 'A-1', 'subsystem_code':
    'x', 'connection_type': 'HTTP'}, 'ignore_warnings': False},
    warning='unregistered_member')
ok(len(answer['warnings']) == 1, 'codes of another shape pass in silence',
    answer)
service = '/clients/%s/service-descriptions' % CLIENT
refused(409, 'url_already_exists', 'town', 'POST', service, {'type': 'REST',
    'rest_service_code': 'new', 'url': 'http://%s:8085/api/service/'
    'evacuation-sites' % state['town']['address'], 'ignore_warnings': True})
one = '/services/%s:evacuation-sites' % CLIENT
refused(400, 'service_client_not_found', 'town', 'POST',
    one + '/service-clients', {'items': [{'id': 'LAB:COM:0:none',
    'service_client_type': 'SUBSYSTEM'}]})
refused(409, 'duplicate_accessright', 'town', 'POST', one +
    '/service-clients', {'items': [{'id': FIRM + ':logistics',
    'service_client_type': 'SUBSYSTEM'}]})

# ---- the center ----
refused(409, 'init_already_initialized', 'center', 'POST', '/initialization',
    {'instance_identifier': 'X', 'central_server_address': 'x',
     'software_token_pin': 'Another-1234'})
refused(409, 'member_exists', 'center', 'POST', '/members', {'member_id':
    {'member_class': 'GOV', 'member_code': '9000020994014'}, 'member_name':
    'x'})
refused(409, 'member_class_exists', 'center', 'POST', '/member-classes',
    {'code': 'GOV', 'description': 'x'})
refused(400, 'warnings_detected', 'center', 'POST', '/members', {'member_id':
    {'member_class': 'GOV', 'member_code': '9000020072027'}, 'member_name':
    'x', 'ignore_warnings': False}, warning='member_code_check_digit')
status, answer = call('center', 'POST', '/members', {'member_id':
    {'member_class': 'GOV', 'member_code': '131017'}, 'member_name': 'x'})
ok(status == 201 and answer['warnings'][0]['code'] ==
    'member_code_check_digit', 'X-Road\'s scripts go on, warned', answer)
refused(400, 'malformed_anchor', 'center', 'POST', '/trusted-anchors',
    form={'anchor': b'<a>'})
refused(400, 'cannot_convert_bytes_to_certificate', 'center', 'POST',
    '/certification-services', form={'certificate': b'no certificate',
    'certificate_profile_info': 'ee.ria.xroad.common.certificateprofile.impl.'
    'BasicCertificateProfileInfoProvider', 'tls_auth': 'false'})
center_pin = state['center']['pin']
ok(call('center', 'PUT', '/tokens/0/logout')[0] == 200, 'logged out')
refused(400, 'pin_incorrect', 'center', 'PUT', '/tokens/0/login',
    {'password': 'wrong'})
ok(call('center', 'PUT', '/tokens/0/login', {'password': center_pin})[0]
    == 200, 'logged in again')

# ---- administrators at once ----


def at_once(jobs):
    got = [None] * len(jobs)

    def run(i):
        got[i] = call(*jobs[i])
    threads = [threading.Thread(target=run, args=(i,))
        for i in range(len(jobs))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return [status for status, _ in got]


groups = '/clients/%s/local-groups' % CLIENT
got = at_once([('town', 'POST', groups, {'code': 'g%d' % n, 'description':
    'G'}) for n in range(12)])
ok(got == [201] * 12, 'twelve groups at once', got)
ids = {g['code']: g['id'] for g in call('town', 'GET', groups)[1]}
ok(sorted(ids) == sorted('g%d' % n for n in range(12)), 'all are there', ids)
got = at_once([('town', 'POST', groups, {'code': 'same', 'description': 'G'})
    for n in range(8)])
ok(sorted(got) == [201] + [409] * 7, 'the same eight times: one is made', got)
got = at_once([('town', 'POST', '/local-groups/%s/members' % ids['g0'],
    {'items': [x]}) for x in (FIRM + ':logistics', CLIENT)] +
    [('town', 'PATCH', '/local-groups/%s' % ids['g0'], {'description': 'New'})]
    + [('town', 'POST', one + '/service-clients', {'items': [{'id':
    ids['g%d' % n], 'service_client_type': 'LOCALGROUP'}]})
    for n in range(12)])
ok(all(s in (200, 201) for s in got), 'members, words and rights at once', got)
g0 = call('town', 'GET', '/local-groups/' + ids['g0'])[1]
ok(g0['description'] == 'New' and len(g0['members']) == 2,
    'nothing of it is lost', g0)
got = call('town', 'GET', one + '/service-clients')[1]
ok(len(got) == 13, 'nor any right', got)
got = at_once([('center', 'POST', '/members', {'member_id': {'member_class':
    'COM', 'member_code': 'at-once-%d' % (n % 6)}, 'member_name': 'x'})
    for n in range(12)])
ok(sorted(got) == [201] * 6 + [409] * 6, 'members at the center, twice each',
    got)

# ---- an unreachable center ----
pids = [p for p in os.listdir('/proc') if p.isdigit()]


def is_center(p):
    try:
        with open('/proc/%s/cmdline' % p, 'rb') as f:
            return os.path.join(LAB, 'center', 'machilink.ini').encode() \
                in f.read().split(b'\0')
    except OSError:
        return False


ok(call('town', 'POST', '/clients', {'client': {'member_class': 'GOV',
    'member_code': '9000020994014', 'subsystem_code': 'later',
    'connection_type': 'HTTP'}, 'ignore_warnings': True})[0] == 201,
    'a subsystem more')
center = [int(p) for p in pids if is_center(p)]
ok(len(center) >= 1, 'the center\'s process')

# ---- a flood at the doors, while the center still runs ----


def knock(source, n):
    got = []
    for _ in range(n):
        c = http.client.HTTPSConnection(state['center']['address'], 4001 +
            state['shift'], timeout=60, context=TLS,
            source_address=(source, 0))
        c.request('POST', '/managementservice/', b'<x/>',
            {'Content-Type': 'text/xml'})
        a = c.getresponse()
        a.read()
        got.append(a.status)
        c.close()
    return got


got = []
threads = [threading.Thread(target=lambda: got.extend(knock('127.15.254.1',
    20))) for _ in range(12)]
for t in threads:
    t.start()
for t in threads:
    t.join()
# whoever waits for an answer is slowed down first, then refused
ok(got.count(429) >= 10 and 500 in got, 'a flood is limited',
    {s: got.count(s) for s in set(got)})
ok(knock('127.15.254.2', 1) == [500], 'another address is heard')

for p in center:
    os.kill(p, signal.SIGSTOP)
try:
    was = snapshot('town')
    got, answer = call('town', 'PUT', '/system/anchor', anchor.replace(address,
        closed))
    ok((got, answer['error']['code']) == (400, 'conf_download_failed'),
        'another anchor cannot be proved', answer)
    ok(snapshot('town') == was, '  and the town is as before')
finally:
    for p in center:
        os.kill(p, signal.SIGCONT)
for p in center:
    os.kill(p, signal.SIGKILL)
was = rows('town')
got, answer = call('town', 'PUT', '/clients/%s:later/register' % TOWN)
ok((got, answer['error']['code']) == (500, 'management_request_sending_failed'),
    'a center that is gone: management_request_sending_failed', answer)
now = rows('town')
ok({n: now[n] for n in now if n not in moving['town']} == {n: was[n] for n in
    was if n not in moving['town']}, '  and the town is as before')
labkit.end(lab.process, signal.SIGINT)
labkit.done()
