#!/usr/bin/env python3
# Personal-Link over real security servers: a region's center and the town's
# cache behind the town's server, the company's cache behind its own. A resident
# signs in with a provider of other people, is linked, gives and takes back;
# changes are pushed as signed exchanges; caches and the center go away, come
# back and are restored.
import base64, json, os, re, shutil, sqlite3, subprocess, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, at, eventually, ok, spew

HERE = os.path.dirname(os.path.abspath(__file__))
if not os.path.exists(HERE + '/../node_modules/oidc-provider'):
    labkit.skip('no OpenID provider: make test-tools installs it')
folder = labkit.begin()
NET = '127.57.1'
# the town's server looks for consents in the town's cache, and reports to it
subprocess.run([BIN, 'lab', '--dir', at('lab'), '--net', NET, '--once',
    '--without-postgresql', '--without-residents'], stdout=subprocess.DEVNULL)
with open(at('lab', 'town', 'machilink.ini'), 'a') as f:
    f.write('\n[personal-link]\ncache-file = %s\nlisten-address = %s\n'
        % (at('town', 'data', 'link.db'), NET + '.61'))


def kill_server(name):
    """SIGKILL to a machine of the lab, which ends with it."""
    for pid in open('/proc/%d/task/%d/children' % ((lab.process.pid,) * 2)
            ).read().split():
        with open('/proc/%s/cmdline' % pid) as f:
            if '/%s/machilink.ini' % name in f.read():
                os.kill(int(pid), 9)
    return lab.process.wait(60)


def serve(name):
    """Starts a machine of the lab that ended, without the lab."""
    m = object.__new__(labkit.Machine)
    m.name, m.ini = 'lab/' + name, at('lab', name, 'machilink.ini')
    m.start()


lab = labkit.Lab(NET, '--without-postgresql')
said = eventually(120, lambda: open(at('out')).read(), lambda text: 'Ctrl-C' in
    text or lab.process.poll() is not None)
ok(lab.process.poll() is None, 'it runs', said[-800:])
GOV, COM = 'LAB/GOV/9000020994014', 'LAB/COM/2010401999001'
CENTER = GOV + '/pl-center/personal-link'
port = {'is': 8080 + lab.state['shift'], 'op': 8901}
PL = {'center': NET + '.60', 'town': NET + '.61', 'company': NET + '.62'}


def api(who, method, path, body=None, want=(200, 201, 204)):
    status, answer = lab.call(who, method, path, body)
    if status not in want:
        ok(False, '%s %s %s' % (who, method, path), '%s %r' % (status, answer))
    return answer


# ---- subsystems, services, rights ----
def subsystem(who, cls, code, name):
    client = 'LAB:%s:%s:%s' % (cls, code, name)
    api(who, 'POST', '/clients', {'client': {'member_class': cls,
        'member_code': code, 'subsystem_code': name, 'connection_type': 'HTTP'},
        'ignore_warnings': True})
    api(who, 'PUT', '/clients/%s/register' % client)
    return client


def service(who, client, code, url, readers):
    made = api(who, 'POST', '/clients/%s/service-descriptions' % client,
        {'url': url, 'type': 'REST', 'rest_service_code': code,
         'ignore_warnings': True})
    api(who, 'PUT', '/service-descriptions/%s/enable' % made['id'])
    api(who, 'POST', '/services/%s:%s/service-clients' % (client, code),
        {'items': [{'id': r, 'service_client_type': 'SUBSYSTEM'}
                   for r in readers]})


names = [subsystem('town', 'GOV', '9000020994014', 'pl-center'),
    subsystem('town', 'GOV', '9000020994014', 'pl-cache'),
    subsystem('company', 'COM', '2010401999001', 'pl-cache')]
for who, name in zip(('town', 'town', 'company'), names):
    got = eventually(60, lambda: lab.call(who, 'GET', '/clients/' + name)[1],
        lambda c: c.get('status') == 'REGISTERED')
    ok(got.get('status') == 'REGISTERED', name + ' is registered', got)
# rights may name a subsystem once the global configuration does
for who in ('town', 'company'):
    eventually(60, lambda: [c['id'] for c in lab.call(who, 'GET',
        '/clients?internal_search=false&show_members=false')[1]],
        lambda ids: set(names) <= set(ids))
service('town', names[0], 'personal-link', 'http://%s:8086' % PL['center'],
    names + ['LAB:COM:2010401999001:logistics'])
service('town', names[1], 'cache', 'http://%s:8086' % PL['town'],
    [names[0], names[1]])
service('town', names[1], 'findUsage', 'http://%s:8086/tracker'
    % PL['town'],
    ['LAB:COM:2010401999001:logistics', names[0], names[2]])
service('company', names[2], 'cache', 'http://%s:8086' % PL['company'],
    [names[0], names[2]])

# ---- the three machines of Personal-Link ----
labkit.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
    'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=op',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('op.key'), '-out',
    at('op.crt'))
spew('secret', 'client-secret-of-the-test\n')
spew('providers.yaml', '''providers:
- name: one
  issuer: https://127.0.0.1:%d
  clientId: machilink
  secretFile: %s
  level: "2"
  label: {ja: 一番のカード, en: Card one}
''' % (port['op'], at('secret')))
INI = '''[machilink]
roles = personal-link, dashboard
data-dir = %(dir)s/data
log-level = info
address = %(ip)s
[proxy-ui-api]
listen-address = %(ip)s
listen-port = 14000
[personal-link]
mode = %(mode)s
subsystem = %(us)s
center-service = %(center)s
server-url = http://%(server)s:%(is)d
listen-address = %(ip)s
pull-interval = 1
%(more)s'''


def machine(name, mode, us, server, more=''):
    m = labkit.Machine(name, INI % {'dir': at(name), 'ip': PL[name], 'mode':
        mode, 'us': us, 'center': CENTER, 'is': port['is'], 'server':
        lab.state[server]['address'], 'more': more},
        'https://%s:14000' % PL[name])
    m.start()
    return m


center = machine('center', 'center', GOV + '/pl-center', 'town',
    'resident-listen-address = %s\nresident-port = 4443\nresident-url = '
    'https://%s:4443\nproviders-file = %s\nprovider-trust-anchors = %s\n'
    % (PL['center'], PL['center'], at('providers.yaml'), at('op.crt')))
pages = 'https://%s:4443' % PL['center']


def officer(path, body, want=(200, 201, 204), method='POST'):
    status, answer = center.call(method, '/machilink/link' + path, body)
    ok(status in want, 'officer: %s %s' % (method, path), '%s %r'
        % (status, answer))
    return answer


for member, name, cache in ((GOV, '町', GOV + '/pl-cache/cache'),
        (COM, '会社', COM + '/pl-cache/cache')):
    officer('/organisations', {'member': member, 'name': {'ja': name, 'en':
        name}, 'door': cache, 'returnUrl': 'https://www.example.org/%s/back'
        % member[-4:]})
tax = officer('/services', {'target': GOV + '/opendata/evacuation-sites',
    'title': {'ja': '課税証明', 'en': 'Tax'}, 'data': {'ja': '所得と税',
    'en': 'Income and tax'}, 'legal': {'ja': '同意', 'en': 'Consent'},
    'items': [{'code': 'income', 'ja': '所得', 'en': 'Income'},
              {'code': 'tax', 'ja': '税額', 'en': 'Tax'}],
    'maxDays': 90})['id']
officer('/purposes', {'subsystem': COM + '/logistics', 'code': 'loan',
    'title': {'ja': '融資', 'en': 'Loan'}, 'reason': {'ja': '審査のため',
    'en': 'To decide'}, 'policyUrl': 'https://www.example.org/privacy'})
officer('/services', {'target': 'x'}, want=(400,))
town = machine('town', 'cache', GOV + '/pl-cache', 'town', 'usage-portals = %s'
    '\nusage-representation-portals = %s\n' % (COM + '/logistics',
    GOV + '/pl-center'))
company = machine('company', 'cache', COM + '/pl-cache', 'company')


# ---- exchanges ----
def exchange(who, client, path, body=None, method=None, service=CENTER):
    """Through the caller's security server."""
    request = labkit.urllib.request.Request('http://%s:%d/r1/%s%s'
        % (lab.state[who]['address'], port['is'], service, path),
        None if body is None else json.dumps(body).encode(),
        {'X-Road-Client': client, 'Content-Type': 'application/json'},
        method=method or ('GET' if body is None else 'POST'))
    a = labkit.asked(request)
    return a.status, labkit.value_of(a.read())


def want(status, what, got):
    ok(got[0] == status, what, got)
    return got[1] if isinstance(got[1], dict) else {}


def state(m):
    return m.call('GET', '/machilink/link')[1]


def whole(m):
    got = eventually(20, lambda: state(m), lambda s: s.get('whole'))
    return ok(got.get('whole'), m.name + ': the cache has everything', got)


def cached(m, reference):
    """As a reader of the views sees it."""
    db = sqlite3.connect('file:%s/data/link.db?mode=ro' % m.dir, uri=True)
    try:
        row = db.execute('SELECT state, subject FROM v_consent_check WHERE '
            'reference = ?', (reference,)).fetchone()
        return row or (None, None)
    finally:
        db.close()


def wait_state(m, reference, value, what, seconds=15):
    got = eventually(seconds, lambda: cached(m, reference)[0],
        lambda s: s == value)
    ok(got == value, what, got)


FIRM = COM + '/logistics'
whole(town)
whole(company)
for feed in state(center)['feeds']:
    ok(feed['cache'] and 0 <= feed.get('age_ms', -1) < 60000,
        'the center knows when it heard of ' + feed['member'], feed)
doc = want(200, 'the interface is described', exchange('company', FIRM,
    '/openapi.json'))
ok('/consent-requests' in doc.get('paths', {}), 'with its paths')
for path, methods in doc.get('paths', {}).items():
    for method in methods:
        got = exchange('town', GOV + '/pl-cache', path.replace('{', '').replace(
            '}', ''), None if method in ('get', 'delete') else {},
            method.upper())
        if got[0] == 405 or labkit.code_of(got[1]) == 'not_found':
            ok(False, 'described, but not served: %s %s' % (method, path), got)
try:
    direct = labkit.asked('http://%s:8086/services' % PL['center']).status
except OSError as e:
    direct = str(e)
ok(direct == 401, 'nobody calls without saying who', direct)

# ---- linking ----
node = subprocess.Popen(['node', '--no-warnings', HERE + '/resident_lab.mjs',
    pages, str(port['op']), folder], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE, text=True)
labkit.atexit.register(labkit.end, node)


def answer():
    for line in node.stdout:
        if line.startswith('> '):
            return json.loads(line[2:])
    return {'failed': 'node ended'}


def resident(*what):
    node.stdin.write(json.dumps(what) + '\n')
    node.stdin.flush()
    return answer()


ok(answer() == 'ready', 'the provider is there')


def link(name):
    start = want(201, 'a link to be linked', exchange('town',
        GOV + '/pl-cache', '/identities/links', {'state': 's1'}))
    ticket = resident('link', start.get('url'), name)
    ok(isinstance(ticket, str), 'the resident agrees', ticket)
    who = want(200, 'BaseID inquiry', exchange('town', GOV + '/pl-cache',
        '/identities/inquiry', {'ticket': ticket}))
    want(403, 'the ticket is good once', exchange('town', GOV + '/pl-cache',
        '/identities/inquiry', {'ticket': ticket}))
    want(200, 'the user master', exchange('town', GOV + '/pl-cache', '/users',
        {'users': [{'id': who.get('id'), 'userId': 'U-' + name}]}, 'PUT',
        GOV + '/pl-cache/cache'))
    for step in ('completion', 'link-completion'):
        want(200, step, exchange('town', GOV + '/pl-cache', '/identities/'
            + step, {'id': who.get('id')}))
    return who.get('id')


pairwise = link('hanako')

# ---- asking, giving ----
def ask():
    asked = want(201, 'the company asks', exchange('company', FIRM,
        '/consent-requests', {'purpose': 'loan', 'services': [{'service': tax,
        'days': 30}]}))
    return asked['consents'][0]['reference'], asked.get('url')


reference, url = ask()
def give(url, items):
    got = resident('give', url, 'hanako', items)
    ok(got == 200, 'the resident gives', got)


give(url, ['income'])
wait_state(town, reference, 'approved', 'pushed to the town')
wait_state(company, reference, 'approved', 'pushed to the company')
ok(cached(town, reference)[1] == cached(company, reference)[1] != None,
    'one name for the person between the two')
got = want(200, 'status', exchange('company', FIRM, '/consents/' + reference))
ok(got.get('given') == ['income'], 'what was given', got)
want(404, 'nobody else may ask', exchange('town', GOV + '/pl-cache',
    '/consents/' + 'f' * 32))

# ---- the signed decision ----
file = at('decision.asice')
size = eventually(30, lambda: resident('container', reference, 'hanako', file),
    lambda n: isinstance(n, int) and n > 0, 0.5)
ok(isinstance(size, int) and size > 0, 'the signed decision', '%r %s'
    % (size, center.log()))
p = subprocess.run([BIN, 'verify', file, '--anchor', lab.dir + '/anchor.xml'],
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
ok(p.returncode == 0, 'machilink verify says it is valid', p.stdout)
text = subprocess.run(['unzip', '-p', file], stdout=subprocess.PIPE).stdout
ok(reference.encode() in text and b'personal-link-decision' in text,
    'and it is the decision')

# ... with other people's tools: the signature by xmlsec1 and openssl, and what
# it covers: the decision's digest is in the hash chain that is signed
def run(*argv):
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return p.returncode, p.stdout.decode('utf-8', 'replace')


def inner(name, text):
    """The base64 of an element, without white space."""
    found = re.search('<(?:[a-z]+:)?%s[^>]*>(.*?)</' % name, text, re.S)
    return re.sub(r'&#13;|\s', '', found.group(1)) if found else ''


x = at('decision')
run('unzip', '-q', file, '-d', x)
names = [os.path.relpath(os.path.join(d, f), x) for d, _, fs in os.walk(x)
    for f in fs]
if shutil.which('xmlsec1') and shutil.which('openssl'):
    with open(x + '/META-INF/signatures.xml') as f:
        signature = f.read()
    lines = re.findall('.{1,64}', inner('X509Certificate', signature))
    pem = spew('signer.pem', '-----BEGIN CERTIFICATE-----\n%s\n-----END '
        'CERTIFICATE-----\n' % '\n'.join(lines))
    maps = [a for n in names for a in ('--url-map:/' + n, x + '/' + n)]
    code, out = run('xmlsec1', '--verify', '--enabled-reference-uris',
        'same-doc,local,remote', *maps, '--id-attr:Id', 'SignedProperties',
        '--pubkey-cert-pem', pem, '--print-debug', '--store-signatures',
        '--store-references', x + '/META-INF/signatures.xml')
    ok(code == 0, 'xmlsec1 accepts the signature', out[-800:])
    info = re.search('== PreSigned data - start buffer:\n(.*?)\n== PreSigned '
        'data - end buffer', out, re.S)
    spew('info', info.group(1) if info else '')
    with open(at('value'), 'wb') as f:
        f.write(base64.b64decode(inner('SignatureValue', signature)))
    run('openssl', 'x509', '-in', pem, '-pubkey', '-noout', '-out', at('pub'))
    code, out = run('openssl', 'dgst', '-sha512', '-verify', at('pub'),
        '-signature', at('value'), at('info'))
    ok(code == 0, 'openssl accepts the signature value', out)
    signed = [n for n in names if b'personal-link-decision'
        in open(x + '/' + n, 'rb').read()]
    digest = [base64.b64encode(bytes.fromhex(run('openssl', 'dgst', '-sha512',
        '-r', x + '/' + n)[1].split()[0])).decode() for n in signed]
    covers = ''.join(re.sub(r'&#13;|\s', '', open(x + '/' + n).read())
        for n in names if n.endswith('.xml'))
    ok(signed and all(d in covers for d in digest),
        "openssl's digest of the decision is among those signed", names)

# ---- a report of a transfer ----
report = {'transfers': [{'id': 'x-1', 'reference': reference, 'at':
    '2026-11-21T01:02:03Z', 'items': ['income']}]}
got = want(200, 'the town reports through its cache', exchange('town',
    GOV + '/pl-cache', '/transfers', report, service=GOV + '/pl-cache/cache'))
ok(got == {'taken': 1, 'refused': []}, 'the center has it', got)
got = eventually(20, lambda: len(resident('history', 'hanako')['transfers']),
    lambda n: n == 1)
ok(got == 1, 'the resident sees the transfer', got)

# ---- who used my data, asked of the town ----
def tracker(path, user='U-hanako', client=FIRM, who='company', lang='ja'):
    a = labkit.asked(labkit.urllib.request.Request('http://%s:%d/r1/%s/v2/%s'
        % (lab.state[who]['address'], port['is'], GOV + '/pl-cache/findUsage',
        path), None, {'X-Road-Client': client, 'Accept-Language': lang,
        **({'X-Road-UserId': user} if user else {})}))
    return a.status, labkit.value_of(a.read())


FIND = 'findUsage?userCode='
got = want(200, 'findUsage', tracker(FIND + 'U-hanako'))
ok(got.get('totalUsages') == 1 and got['usages'] == [{
    'logtime': '2026-11-20T15:00:00Z', 'action': '融資（課税証明）',
    'receiverCode': '2010401999001', 'receiverName': '会社',
    'receiverSystem': 'logistics'}], 'the transfer, in words', got)
got = want(200, 'in English', tracker(FIND + pairwise, lang='en-GB'))
ok(got['usages'][0]['action'] == 'Loan (Tax)', 'by the identifier too', got)
for query, total, n in (('&offset=1', 1, 0),
        ('&periodStart=2026-11-21T14:59:59Z', 1, 1),
        ('&periodStart=2026-11-22T00:00:00%2B09:00', 0, 0),
        ('&periodEnd=2026-11-20T14:59:59Z', 0, 0),
        ('&limit=0', 1, 0), ('&limit=10000', 1, 1),
        ('&periodEnd=2026-11-21T10:02:03%2B09:00&limit=1', 1, 1)):
    got = want(200, query, tracker(FIND + 'U-hanako' + query))
    ok((got.get('totalUsages'), len(got.get('usages', []))) == (total, n),
        'pages and periods', got)
got = want(200, 'nobody', tracker(FIND + 'U-x', 'U-x'))
ok(got == {'usages': [], 'totalUsages': 0}, 'nobody has none', got)
want(403, 'not about another person', tracker(FIND + 'U-hanako', 'U-taro'))
want(200, 'a portal vouches', tracker(FIND + 'U-hanako', 'U-taro',
    GOV + '/pl-center', 'town'))
want(403, 'no portal', tracker(FIND + 'U-hanako', client=COM + '/pl-cache'))
for query, user in ((FIND + 'U-hanako', None), (FIND, 'U-hanako'),
        (FIND + 'U-hanako&limit=-1', 'U-hanako'),
        (FIND + 'U-hanako&limit=10001', 'U-hanako'),
        (FIND + 'U-hanako&offset=-1', 'U-hanako'),
        (FIND + 'U-hanako&periodStart=today', 'U-hanako')):
    want(400, query, tracker(query, user))
got = want(200, 'usagePeriod', tracker('usagePeriod', None))
ok(got.get('periodStart') == '2026-11-20T15:00:00Z', 'since that day', got)
got = want(200, 'heartbeat', tracker('heartbeat', None))
ok(got == {'status': 'OK'}, 'is there', got)


def rule(method, path, body=None, want=(200, 201, 204)):
    status, answer = town.call(method, '/machilink/link/usage-rules' + path,
        body)
    return ok(status in want, 'a rule: ' + method, '%s %r' % (status, answer)
        ) and answer


made = rule('POST', '', {'kind': 'delay', 'days': 3650, 'purpose': 'loan',
    'consumer': COM, 'reason': '捜査'})
got = want(200, 'later', tracker(FIND + 'U-hanako'))
ok(got.get('totalUsages') == 0, 'what must not be known yet', got)
listed = town.call('GET', '/machilink/link/usage-rules')[1]
ok([r['kind'] for r in listed.get('rules', [])] == ['delay'], 'rules', listed)
rule('DELETE', '/' + (made or {}).get('id', ''))
rule('POST', '', {'kind': 'hide'}, (400,))
ok(tracker(FIND + 'U-hanako')[1].get('totalUsages') == 1, 'again shown')

got = want(200, 'the company cannot report for the town', exchange('company',
    COM + '/logistics', '/transfers', {'transfers': [dict(report['transfers'][0],
    id='x-2')]}))
ok(got.get('refused') == ['x-2'], 'it is refused', got)

# ---- the town's service needs the consent ----
SITES = '/machilink/services/LAB:GOV:9000020994014:opendata:evacuation-sites'
def sites(who, client=None):
    """(status, code) of the company's question about somebody."""
    a = labkit.asked(labkit.urllib.request.Request('http://%s:%d/r1/%s/opendata'
        '/evacuation-sites?area=%%E6%%B8%%AF' % (lab.state['company']['address'],
        port['is'], GOV), headers={'X-Road-Client': client or FIRM,
        'X-Person': who, 'X-Machilink-User-Id': 'U-taro'}))
    answer = labkit.value_of(a.read())
    return a.status, a.status == 200 or answer.get('type'), answer


def history():
    return resident('history', 'hanako')['transfers']


needs = {'subject': {'in': 'header', 'name': 'X-Person'}, 'items': ['income'],
    'purpose': {'in': 'fixed', 'name': 'loan'}, 'max_age': 60}
api('town', 'PUT', SITES + '/consent', dict(needs, subject={'in': 'fixed',
    'name': 'hanako'}), want=(400,))
api('town', 'PUT', SITES + '/consent', needs)
got = api('town', 'GET', SITES + '/consent')
ok(got == dict(needs, namespaces={}), 'the service needs consent', got)
REFUSED = 'server.serverproxy.consent_required'
subject = cached(town, reference)[1]
got = sites('f' * 32)
ok(got[1] == REFUSED and '照会番号' in json.dumps(got[2], ensure_ascii=False),
    'nobody known, nothing given', got)
got = sites(subject)
ok(got[0] == 200, 'what was given is given', got)
got = eventually(20, history, lambda t: len(t) > 1)
ok(len(got) == 2 and got[0].get('reference', reference) == reference,
    'the resident sees that transfer once, and none that was refused', got)
got = want(200, 'findUsage', tracker(FIND + 'U-hanako'))
ok(got.get('totalUsages') == 2, 'so does who asks the town', got)

# ---- the center is away while data flows, and the town's server is killed
# before it could tell anybody ----
center.stop()
town.stop()
got = sites(subject)
ok(got[0] == 200, 'a young cache is enough', got)
ok(kill_server('town') != 0, 'the server is killed')
for name in ('center', 'town', 'company'):
    serve(name)
town.start()
got = eventually(60, lambda: tracker(FIND + 'U-hanako')[1].get('totalUsages'),
    lambda n: n == 3)
ok(got == 3, 'the town answers for it alone', got)
center.start()
resident('forget', 'hanako')  # visits end with the process
got = eventually(60, history, lambda t: len(t) > 2)
ok(len(got) == 3, 'the resident sees it, once, when the center is back', got)

# ---- a service that needs no consent is shown to the person, too ----
api('town', 'DELETE', SITES + '/consent')
api('town', 'PUT', SITES + '/record', {'subject': {'in': 'fixed', 'name': 'x'},
    'words': {'ja': 'あ', 'en': 'a'}}, want=(400,))
shown = {'subject': {'in': 'header', 'name': 'X-Person'}, 'purpose': {'in':
    'fixed', 'name': 'law'}, 'words': {'ja': '法律による確認', 'en': 'By law'}}
api('town', 'PUT', SITES + '/record', shown)
got = api('town', 'GET', SITES + '/record')
ok(got == dict(shown, namespaces={}), 'the service is recorded', got)
got = sites('U-hanako')
ok(got[0] == 200, 'no consent is asked for', got)
got = eventually(60, lambda: tracker(FIND + 'U-hanako')[1],
    lambda u: u.get('totalUsages') == 4)
ok('法律による確認' in [u.get('action') for u in got.get('usages', [])],
    'why, in the words of the rule', got)
ok(len(history()) == 3, 'it is no transfer under a consent', history())
api('town', 'DELETE', SITES + '/record')
api('town', 'DELETE', SITES + '/record', want=(404,))
api('town', 'PUT', SITES + '/consent', needs)

# ---- withdrawn while a cache is down; an old cache put back ----
company.stop()
shutil.copytree(at('company', 'data'), at('old'))
ok(resident('withdraw', reference, 'hanako') is True, 'the resident withdraws')
wait_state(town, reference, 'withdrawn', 'the town hears of it')
got = sites(subject)
ok(got[1] == REFUSED and reference in got[2].get('message', ''),
    'the next request is refused, naming the consent', got)
ok(len(history()) == 3, 'and is no transfer', history())
company.start()
wait_state(company, reference, 'withdrawn', 'the company when it is back')
company.stop()
mark = at('company', 'data', '.link.life')
shutil.copy(mark, at('mark'))
shutil.rmtree(at('company', 'data'))
shutil.copytree(at('old'), at('company', 'data'))
shutil.copy(at('mark'), mark)
ok(cached(company, reference)[0] == 'approved', 'a backup from before')
center.stop()
company.start()
got = state(company)
ok(got.get('whole') is False, 'is not believed while the center is away', got)
got = labkit.asked(labkit.urllib.request.Request('http://%s:8086/tracker'
    '/v2/heartbeat'
    % PL['company'], None, {'X-Road-Client': COM + '/pl-cache'}))
ok(labkit.value_of(got.read()).get('status') == 'FAIL', 'and says so')

# ---- the center is killed between a decision and its push ----
center.start()
resident('forget', 'hanako')  # visits end with the process
whole(company)
wait_state(company, reference, 'withdrawn', 'the old cache caught up')
reference, url = ask()
town.stop()
give(url, ['tax'])
center.end(9)
town.start()
ok(cached(town, reference)[0] is None, 'the town does not know yet')
center.start()
wait_state(town, reference, 'approved', 'nothing is lost', 30)

# ---- declarations end ----
resident('forget', 'hanako')
got = resident('change', reference, 'hanako', ['income', 'tax'])
ok(got == 200, 'other items are given', got)
want(403, 'only the center may push', exchange('town', GOV + '/pl-cache',
    '/changes', {}, service=GOV + '/pl-cache/cache'))
officer('/services/%s/withdrawal' % tax, None)
wait_state(town, reference, 'inapplicable', 'a service that is withdrawn')
got = officer('/statistics', None, method='GET')
counts = {(s['what'], s['count']) for s in got['statistics']}
ok(('approved', 2) in counts and ('transferred', 3) in counts
    and 'hanako' not in json.dumps(got), 'statistics without persons', got)
for m in (company, town, center):
    m.stop()
labkit.done()
