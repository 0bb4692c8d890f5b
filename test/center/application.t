#!/usr/bin/env python3
# Applications at a running center: each kind from submission to its end, what
# approving does, bad input, roles, two administrators at once, a history that
# stays, and the audit.
import atexit, json, os, signal, sqlite3, ssl, subprocess, sys, tempfile
import threading, urllib.error, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
from labkit import free_port

BIN = os.environ.get('MACHILINK', 'build/release/machilink')
if not os.access(BIN, os.X_OK):
    print('1..0 # SKIP %s is not built' % BIN)
    sys.exit(0)
DIR = tempfile.TemporaryDirectory(prefix='machilink-application-')
AT = '/machilink/applications'
count = failed = 0


def ok(good, what, why=''):
    global count, failed
    count += 1
    print('%sok %d - %s' % ('' if good else 'not ', count, what))
    if not good:
        failed += 1
        print('# ' + str(why)[:600])
    sys.stdout.flush()


# ---- a center as a process ----
admin = free_port()
ini, log = (os.path.join(DIR.name, n) for n in ('center.ini', 'log'))
open(os.path.join(DIR.name, 'pin'), 'w').write('Secret-1234\n')
open(ini, 'w').write('''[machilink]
roles = center, dashboard
data-dir = %s/data
[signer]
autologin-file = %s/pin
[center]
listen-address = 127.0.0.1
http-port = %d
registration-port = %d
management-port = %d
[proxy-ui-api]
listen-address = 127.0.0.1
listen-port = %d
''' % (DIR.name, DIR.name, free_port(), free_port(), free_port(), admin))


def key_of(*roles):
    more = ('--roles', ','.join('XROAD_' + x for x in roles)) if roles else ()
    return subprocess.run((BIN, 'api-key', '--config', ini) + more,
        capture_output=True, text=True, check=True).stdout.strip()


root = key_of()
officer = key_of('REGISTRATION_OFFICER')
system = key_of('SYSTEM_ADMINISTRATOR')
watcher = key_of('SECURITYSERVER_OBSERVER')
r, w = os.pipe()
center = subprocess.Popen([BIN, 'serve', '--config', ini, '--ready-fd', str(w)],
    pass_fds=[w], stderr=open(log, 'w'))
atexit.register(lambda: center.poll() is None and center.terminate())
os.close(w)
ok(os.read(r, 6) == b'ready\n', 'the center is ready', open(log).read())
tls = ssl._create_unverified_context()


def call(method, path, body=None, key=None):
    head = {'Authorization': 'X-Road-ApiKey token=' + (key or root),
            'Content-Type': 'application/json'}
    q = urllib.request.Request('https://127.0.0.1:%d/api/v1%s' % (admin, path),
        None if body is None else json.dumps(body).encode(), head,
        method=method)
    try:
        a = urllib.request.urlopen(q, context=tls, timeout=60)
    except urllib.error.HTTPError as e:
        a = e
    text = a.read()
    return a.status, json.loads(text) if 'json' in \
        (a.headers.get('Content-Type') or '') else text


def want(status, method, path, body=None, code=None, key=None):
    got, answer = call(method, path, body, key)
    have = answer.get('error', {}).get('code') if isinstance(answer, dict) \
        else None
    ok(got == status and code in (None, have),
        '%s %s: %d %s' % (method, path, status, code or ''), (got, answer))
    return answer


WHO = {'organization': '海風町', 'contact_name': '山田花子',
       'mail': 'hanako@umikaze.example'}


def form(kind, note=None, **content):
    return {'kind': kind, 'applicant': WHO, 'content': content, 'note': note}


def at(x, what=''):
    return '%s/%d%s' % (AT, x['id'], what)


def steps(x):
    return [(h.get('from'), h['to'], h.get('note')) for h in x['history']]


def member(code, **more):
    return form('member-code', member_class='GOV', member_code=code,
        member_name='海風町', **more)


# ---- before anything else ----
want(200, 'POST', '/initialization', {'instance_identifier': 'BOX',
    'central_server_address': '127.0.0.1', 'software_token_pin': 'Secret-1234'})
want(201, 'POST', '/member-classes', {'code': 'GOV', 'description': 'G'})
want(201, 'POST', '/machilink/trust-services', {'name': 'Box'})

# ---- a member code: returned, corrected, approved ----
first = want(201, 'POST', AT, dict(member('100000'), note='please'),
    key=officer)
ok(first['state'] == 'submitted' and first['subject'] == 'GOV:100000' and
    first['warnings'][0]['code'] == 'member_code_check_digit' and
    steps(first) == [(None, 'submitted', 'please')], 'submitted', first)
want(409, 'PUT', at(first), member('1'), code='application_invalid_state')
back = want(200, 'POST', at(first, '/return'), {'note': 'which town?'})
ok(back['state'] == 'returned' and back['version'] == 2, 'returned', back)
want(409, 'POST', at(first, '/approval'), {}, code='application_invalid_state')
want(400, 'PUT', at(first), member('a/b'))
again = want(200, 'PUT', at(first), member('011002'))
ok(steps(again) == [(None, 'submitted', 'please'),
    ('submitted', 'returned', 'which town?'), ('returned', 'submitted', None)]
    and again['history'][0]['content']['member_code'] == '100000'
    and again['content']['member_code'] == '011002', 'corrected', again)
want(409, 'POST', at(first, '/approval'), {'version': 2},
    code='application_changed')
want(403, 'POST', at(first, '/approval'), {}, key=system)
want(403, 'POST', at(first, '/approval'), {}, key=watcher)
want(404, 'GET', '/members/BOX:GOV:011002', code='member_not_found')
done = want(200, 'POST', at(first, '/approval'), {'version': 3, 'note': '了'},
    key=officer)
ok(done['state'] == 'approved' and steps(done)[-1] ==
    ('submitted', 'approved', '了') and all(h['who'] for h in done['history'])
    and done['history'][0]['who'] == done['history'][-1]['who']
    != done['history'][1]['who'], 'approved, and who did it', done)
ok(want(200, 'GET', '/members/BOX:GOV:011002')['member_name'] == '海風町',
    'the member is registered')
for what in ('approval', 'return', 'rejection', 'withdrawal'):
    want(409, 'POST', at(first, '/' + what), {},
        code='application_invalid_state')

# ---- a doubtful code is asked about; one that is taken stays submitted ----
odd = want(201, 'POST', AT, member('100000'))
got, answer = call('POST', at(odd, '/approval'), {'ignore_warnings': False})
ok(got == 400 and answer['error']['code'] == 'warnings_detected',
    'the check digit is doubted first', (got, answer))
twin = want(201, 'POST', AT, member('011002'))
want(409, 'POST', at(twin, '/approval'), {}, code='member_exists')
left = want(200, 'GET', at(twin))
ok(left['state'] == 'submitted' and len(left['history']) == 1,
    'a refused approval leaves no trace', left)
want(200, 'POST', at(twin, '/rejection'), {'note': 'taken'})
want(200, 'POST', at(odd, '/withdrawal'), {})

# ---- two administrators at once ----
race = want(201, 'POST', AT, member('7'))
gate, seen = threading.Barrier(2), []


def decide(what):
    gate.wait()
    seen.append(call('POST', at(race, what), {}))


both = [threading.Thread(target=decide, args=(x,))
        for x in ('/approval', '/approval')]
[t.start() for t in both]
[t.join() for t in both]
ok(sorted(x[0] for x in seen) == [200, 409], 'one of two wins', seen)
ok(len(want(200, 'GET', at(race))['history']) == 2, 'and leaves one step')

# ---- a server certificate ----
csr, key = (os.path.join(DIR.name, n) for n in ('r.csr', 'r.key'))
subprocess.run(('openssl', 'req', '-new', '-newkey', 'rsa:2048', '-nodes',
    '-keyout', key, '-out', csr, '-subj',
    '/C=JP/O=Town/serialNumber=011002/CN=ss1'), capture_output=True, check=True)
pem = open(csr).read()


def certificate(**more):
    return form('server-certificate', **dict({'csr': pem, 'usage':
        'AUTHENTICATION', 'security_server_id': 'BOX:GOV:011002:ss1'}, **more))


want(400, 'POST', AT, certificate(csr='-----BEGIN nothing'),
    code='csr_invalid')
want(400, 'POST', AT, certificate(usage='FUN'), code='validation_failure')
want(400, 'POST', AT, certificate(security_server_id='BOX:GOV'),
    code='invalid_server_id')
ask = want(201, 'POST', AT, certificate())
want(404, 'GET', at(ask, '/certificate'), code='certificate_not_found')
given = want(200, 'POST', at(ask, '/approval'), {}, key=system)
cert = want(200, 'GET', at(ask, '/certificate'), key=watcher)
text = subprocess.run(('openssl', 'x509', '-noout', '-pubkey'), input=cert,
    capture_output=True).stdout
ok(text and text == subprocess.run(('openssl', 'req', '-in', csr, '-noout',
    '-pubkey'), capture_output=True).stdout, 'it is for the key asked for', cert)
ok(want(200, 'GET', '/machilink/certificates/' + given['serial'])['server'] ==
    'ss1', 'and in the list of what was issued')
lone = want(201, 'POST', AT, certificate(
    security_server_id='BOX:GOV:404:ss1'))
want(404, 'POST', at(lone, '/approval'), {}, code='member_not_found')
ok(want(200, 'GET', at(lone))['state'] == 'submitted', 'nothing happened')

# ---- an access permission ----
for code in ('Client', 'Data'):
    want(201, 'POST', '/subsystems', {'subsystem_id': {'member_class': 'GOV',
        'member_code': '011002', 'subsystem_code': code},
        'subsystem_name': code})
GOOD = {'client_id': 'BOX:GOV:011002:Client', 'purpose': '児童手当の認定',
    'service_id': 'BOX:GOV:011002:Data:lookup.v1',
    'valid_from': '2027-04-01', 'valid_until': '2028-03-31'}


def access(**more):
    return form('access-permission', **dict(GOOD, **more))


for code, wrong in (('invalid_service_id', {'service_id': 'BOX:GOV:1:x'}),
        ('validation_failure', {'valid_until': '2027-03-31'}),
        ('validation_failure', {'valid_from': '2027-02-30'}),
        ('invalid_member_id', {'client_id': 'BOX:GOV:011002'}),
        (None, {'purpose': ''}), (None, {'purpose': 'x' * 4001})):
    want(400, 'POST', AT, access(**wrong), code=code)
want(404, 'POST', AT, access(client_id='BOX:GOV:011002:None'),
    code='subsystem_not_found')
may = want(201, 'POST', AT, access())
want(403, 'POST', at(may, '/approval'), {}, key=system)
want(200, 'POST', at(may, '/approval'), {})
for whose, n in (('BOX:GOV:011002', 1), ('BOX:GOV:011002:Data', 1),
        ('BOX:GOV:011002:Dat', 0), ('BOX:GOV:01100', 0)):
    page = want(200, 'GET', AT + '?state=approved&provider_id=' + whose,
        key=watcher)
    ok([x['id'] for x in page['items']] == [may['id']] * n,
        'the provider sees its own: ' + whose, page)

# ---- lists ----
page = want(200, 'GET', AT + '?kind=member-code&limit=2')
ok([x['id'] for x in page['items']] == [race['id'], twin['id']] and
    page['paging_metadata']['total_items'] == 4, 'the newest first', page)
page = want(200, 'GET', AT + '?kind=member-code&limit=2&offset=1&sort=id')
ok([x['id'] for x in page['items']] == [twin['id'], race['id']], 'page two',
    page)
ok(want(200, 'GET', AT + '?state=returned')['items'] == [], 'none returned')
one = want(200, 'GET', AT + '?q=gov:100000')
ok([x['subject'] for x in one['items']] == ['GOV:100000'] and
    one['paging_metadata']['total_items'] == 1, 'found by what it is about',
    one)
whose = want(200, 'GET', AT + '?limit=1&q=HANAKO')
ok(whose['paging_metadata']['total_items'] > 1, 'by whom', whose)
ok(want(200, 'GET', AT + '?q=nobody')['items'] == [], 'or not at all')
for query, code in (('state=lost', 'validation_failure'),
        ('kind=holiday', 'validation_failure'),
        ('provider_id=x', 'invalid_member_id'),
        ('limit=0', 'invalid_pagination_properties'),
        ('sort=mail', 'invalid_sort_properties')):
    want(400, 'GET', AT + '?' + query, code=code)

# ---- bad input ----
for bad in ([], {}, {'kind': 'holiday'}, {'kind': 'member-code'},
        dict(member('8'), applicant={}), dict(member('8'), content=[]),
        dict(member('8'), applicant=dict(WHO, mail='a@b@c')),
        dict(member('8'), applicant=dict(WHO, mail='a b@c')),
        dict(member('8'), applicant=dict(WHO, organization='x' * 256)),
        dict(member('8'), note='x' * 4001), dict(member('8'), note=1)):
    want(400, 'POST', AT, bad)
want(404, 'POST', AT, form('member-code', member_class='NONE', member_code='8',
    member_name='x'), code='member_class_not_found')
want(403, 'POST', AT, member('8'), key=watcher)
want(404, 'GET', AT + '/999', code='application_not_found')
want(404, 'GET', AT + '/x', code='application_not_found')
want(404, 'POST', AT + '/999/approval', {}, code='application_not_found')

# ---- the record ----
center.send_signal(signal.SIGTERM)
ok(center.wait(60) == 0, 'ends cleanly', open(log).read()[-500:])
data = os.path.join(DIR.name, 'data')
db = sqlite3.connect(os.path.join(data, 'center.sqlite'))
for sql in ('UPDATE application_step SET note = NULL',
        'DELETE FROM application_step', 'DELETE FROM application'):
    try:
        db.execute(sql)
        ok(False, sql + ' is refused')
    except sqlite3.DatabaseError as e:
        ok('not' in str(e), sql + ' is refused', e)
audit = sqlite3.connect(os.path.join(data, 'console.db')).execute(
    'SELECT who, status FROM audit WHERE method = ? AND target = ? ORDER BY id',
    ('POST', '/api/v1' + at(first, '/approval'))).fetchall()
ok([x[1] for x in audit][:6] == [409, 409, 403, 403, 200, 409] and
    audit[4][0] == done['history'][-1]['who'], 'the audit has it', audit)
print('1..%d' % count)
sys.exit(1 if failed else 0)
