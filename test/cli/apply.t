#!/usr/bin/env python3
# Configuration as code: a center and two security servers from empty to an
# exchange by declared states alone; done twice, exported, drifted and repaired,
# failed in the middle, changed by two at once, and written wrong.
import http.server, json, os, pty, select, ssl, subprocess, sys, threading
import urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, PIN, asked, at, ok, spew

labkit.begin()
NET = '127.15.%d.' % (20 + os.getpid() % 200)
COMMON = '''[machilink]
data-dir = %(dir)s/data
language = en
address = %(ip)s
roles = %(roles)s
[signer]
autologin-file = %(dir)s/pin
[proxy-ui-api]
listen-address = %(ip)s
listen-port = 14000
'''
CENTER = COMMON + '''[center]
listen-address = %(ip)s
public-address = %(ip)s
http-port = 18080
registration-port = 14001
management-listen-address = %(ip)s
management-port = 14002
global-configuration-generation-rate-in-seconds = 1
conf-expire-interval-seconds = 3600
'''
SERVER = COMMON + '''[configuration-client]
update-interval = 1
[message-log]
timestamp-interval = 2
[proxy]
connector-host = %(ip)s
client-http-port = 18080
client-https-port = 18443
server-listen-address = %(ip)s
server-listen-port = 15500
server-port = 15500
ocsp-responder-listen-address = %(ip)s
ocsp-responder-port = 15577
'''


class Machine(labkit.Machine):
    def __init__(self, name, ip, roles, ini):
        super().__init__(name, ini % {'dir': at(name), 'ip': ip, 'roles':
            roles}, 'https://%s:14000' % ip)
        self.start()

    def env(self, **more):
        e = dict(os.environ, LC_ALL='C.UTF-8', MACHILINK_API_KEY=self.key,
            MACHILINK_PIN=PIN)
        e.update(more)
        return {k: v for k, v in e.items() if v is not None}

    def command(self, *argv, env={}, text=None, which=True):
        p = subprocess.run([BIN, *argv, *(('--config', self.ini) if which
            else ())], capture_output=True, text=True, timeout=120, input=text,
            env=self.env(**env))
        return p.returncode, p.stdout + p.stderr

    def apply(self, file, *argv, **more):
        return self.command('apply', at(file), *argv, **more)

    def want(self, code, file, *argv, what='', **more):
        rc, out = self.apply(file, *argv, **more)
        ok(rc == code, '%s: apply %s %s: %d%s' % (self.name, file,
            ' '.join(argv), code, what and ', ' + what), '%d %s' % (rc, out))
        return out


class Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.end_headers()
        self.wfile.write(json.dumps({'path': self.path}).encode())

    def log_message(self, *a):
        pass


backend = http.server.ThreadingHTTPServer((NET + '2', 0), Service)
threading.Thread(target=backend.serve_forever, daemon=True).start()
BACKEND = 'http://%s:%d' % (NET + '2', backend.server_port)

TOWN, FIRM, HOST = ('LAB:GOV:9000020072028', 'LAB:COM:4011001098993',
    'LAB:ORG:7000012050002')
MEMBERS = '''member_classes:
- {code: GOV, description: Towns}
- {code: COM, description: Companies}
- {code: ORG, description: Operators}
members:
- id: "%s"
  name: Aizu
  subsystems: [{code: opendata, name: Open data}]
- id: "%s"
  name: Firm
  subsystems: [{code: logistics}]
- id: "%s"
  name: Operator
  subsystems: [{code: MANAGEMENT}]
global_groups:
- {code: neighbours, description: Neighbours, members: ["%s:logistics"]}
''' % (TOWN, FIRM, HOST, FIRM)


def center_plan(more=''):
    return '''machilink: center
instance: LAB
address: %s1
own_trust_services: LAB
%smanagement_provider: "%s:MANAGEMENT"
signing_keys: [INTERNAL, EXTERNAL]
automatic_approval: [authentication_certificates, clients]
%s''' % (NET, MEMBERS, HOST, more)


KEYS = '''keys:
- label: sign
  usage: SIGNING
  ca: LAB
  subject: {C: JP, O: "%(name)s", businessCategory: "%(cls)s",
    serialNumber: "%(code)s", CN: "%(name)s"}
  csr_file: %(own)s-sign.csr
  certificates: [%(own)s-sign.pem]
  active: true
- label: auth
  usage: AUTHENTICATION
  ca: LAB
  subject: {C: JP, O: "%(name)s", serialNumber: "%(code)s", CN: "%(own)s"}
  csr_file: %(own)s-auth.csr
  certificates: [%(own)s-auth.pem]
  registered: true
  active: true
'''


def server_plan(own, member, ip, keys='', clients=''):
    _, cls, code = member.split(':')
    return '''machilink: server
anchor: anchor.xml
owner: "%s"
server_code: %s
logged_in: true
registration_address: %s
timestamping_services: [LAB TSA]
%s%sclients:
%s''' % (member, own, ip, KEYS % {'own': own, 'name': own, 'cls': cls,
        'code': code}, keys, clients)


PROVIDER = '''- label: management
  usage: SIGNING
  member: "%s"
  ca: LAB
  subject: {C: JP, O: Operator, businessCategory: ORG,
    serialNumber: "7000012050002", CN: Operator}
  csr_file: management.csr
  certificates: [management.pem]
  active: true
''' % HOST
MANAGEMENT = '''- id: "%s:MANAGEMENT"
  connection_type: HTTP
  tls_certificates: [center/data/management.crt]
  service_descriptions:
  - type: WSDL
    url: http://%s1:18080/managementservices.wsdl
    enabled: true
    services:
    - {code: "*", access: ["LAB:security-server-owners"]}
''' % (HOST, NET)


def town_clients(timeout=20, access='"%s:logistics"' % FIRM):
    return MANAGEMENT + '''- id: "%s:opendata"
  connection_type: HTTP
  registered: true
  local_groups:
  - {code: friends, description: Friends, members: ["%s:logistics"]}
  service_descriptions:
  - type: REST
    code: hello
    url: %s/hello
    enabled: true
    services:
    - code: hello
      timeout: %d
      exclusive: [access]
      access: [%s]
      endpoints:
      - {method: GET, path: /part/*, access: [friends]}
''' % (TOWN, FIRM, BACKEND, timeout, access)


def town_plan(**o):
    return server_plan('town', TOWN, NET + '2', PROVIDER, town_clients(**o))


def firm_plan():
    return server_plan('firm', FIRM, NET + '3', '', '''- id: "%s:logistics"
  connection_type: HTTP
  registered: true
''' % FIRM)


def issue(name, usage, member, server):
    csr = open(at(name + '.csr')).read()
    status, made = center.call('POST', '/machilink/certificates',
        {'csr': csr, 'usage': usage, 'member_id': member,
         'security_server_id': member + ':' + server})
    ok(status in (200, 201), 'the CA signs %s.csr' % name, made)
    spew(name + '.pem', made['certificate'])


def exchange():
    q = urllib.request.Request('http://%s3:18080/r1/%s/opendata/hello'
        % (NET, TOWN.replace(':', '/')),
        headers={'X-Road-Client': FIRM.replace(':', '/') + '/logistics'})
    a = asked(q, 30)
    return a.status, a.read().decode()


def wait_for(seconds, check, what):
    got = labkit.eventually(seconds, check, lambda got: got[0] == 200)
    return ok(got[0] == 200, what, got)


# ---- files that are wrong say where ----
center = Machine('center', NET + '1', 'center, dashboard', CENTER)
for text, why in (
        ('machilink: center\nmembrs: []\n', ':2: a center has no "membrs"; '
         'did you mean "members"?'),
        ('machilink: center\nmembers:\n- id: x\n', ':3: a member needs "name"'),
        ('machilink: center\n  x: 1\n', 'not valid YAML, line 2'),
        ('machilink: centre\n', ':1: it must say')):
    spew('bad.yaml', text)
    out = center.want(64, 'bad.yaml', '--yes')
    ok(why in out, 'it says ' + why, out)
out = center.command('apply', at('none.yaml'))[1]
ok('none.yaml' in out, 'a file that is not there', out)
spew('c.yaml', center_plan())
out = center.apply('c.yaml', '--dry-run', env={'MACHILINK_API_KEY': None})[1]
ok('API key is needed' in out, 'no API key', out)
out = center.apply('c.yaml', '--dry-run', env={'MACHILINK_API_KEY': 'x'})[1]
ok('401' in out, 'a wrong API key', out)
out = center.apply('c.yaml', '--dry-run', '--url', 'https://%s1:14000' % NET,
    which=False)[1]
ok('--certificate' in out, 'nobody trusts whoever answers', out)
other = spew('other.pem', ssl.get_server_certificate((NET + '1', 14001)))
out = center.apply('c.yaml', '--dry-run', '--url', 'https://%s1:14000' % NET,
    '--certificate', other, which=False)[1]
ok('another certificate' in out, 'another machine is refused', out)
rc, out = center.command('apply')
ok(rc == 64 and 'usage' in out, 'help')
rc, out = center.command('apply', '--format', which=False)
ok(rc == 0 and 'global_groups:' in out, 'what a file may say', out)
out = center.apply('c.yaml', '--dry-run', '--url', 'http://192.0.2.1:4000',
    which=False)[1]
ok('would be readable' in out, 'no key goes out unprotected', out)
rc, out = center.command('apply', '--lang', 'ja')
ok('使い方' in out, 'in Japanese', out)

# ---- the center ----
out = center.want(2, 'c.yaml', '--dry-run', what='the difference')
ok('+ member ' + TOWN in out and center.call('GET', '/initialization/status')
    [1].get('instance_identifier') is None, 'nothing was done', out)
out = center.want(1, 'c.yaml', what='nobody agreed', text='')
ok('--yes' in out, 'how to agree', out)
out = center.want(1, 'c.yaml', '--yes', env={'MACHILINK_PIN': None},
    what='no PIN')
ok('MACHILINK_PIN' in out and 'not done: + member' in out, 'what was not done',
    out)
center.want(0, 'c.yaml', '--yes', '--pin-file', '-', text=PIN + '\n')
ok('nothing to do' in center.want(0, 'c.yaml', '--yes'), 'nothing to do')
ok('変更はありません' in center.want(0, 'c.yaml', '--lang', 'ja'),
    'in Japanese')
status, anchor = center.call('GET',
    '/configuration-sources/INTERNAL/anchor/download', raw=True)
ok(status == 200, 'an anchor')
spew('anchor.xml', anchor.decode())

# ---- the servers: keys, certificates, and the rest when they are there ----
town = Machine('town', NET + '2', 'security-server, dashboard', SERVER)
firm = Machine('firm', NET + '3', 'security-server, dashboard', SERVER)
spew('t.yaml', town_plan())
spew('f.yaml', firm_plan())
out = town.want(0, 't.yaml', '--yes', what='first run')
ok('waits for its certificate' in out, 'what comes later is said', out)
# an owner nobody knows, mistyped: said, not forced
out = firm.want(1, spew('anchor.yaml', 'machilink: server\nanchor: anchor.xml\n'
    'owner: "LAB:COM:4011001098992"\nserver_code: x\n'), '--yes')
ok('init_unregistered_member' in out and 'member_code_check_digit' in out,
    'both warnings', out)
firm.want(0, 'f.yaml', '--yes', what='first run')
town.want(0, 't.yaml', '--yes', what='nothing new before the certificates')
issue('town-sign', 'SIGNING', TOWN, 'town')
issue('town-auth', 'AUTHENTICATION', TOWN, 'town')
issue('management', 'SIGNING', HOST, 'town')
issue('firm-sign', 'SIGNING', FIRM, 'firm')
issue('firm-auth', 'AUTHENTICATION', FIRM, 'firm')
# a failure in the middle: nobody takes registrations of clients yet
out = town.want(1, 't.yaml', '--yes', '--wait', '8', what='fails in the middle')
ok('done: ~ key auth AUTHENTICATION: registered' in out, 'what was done', out)
ok('failed: ~ client %s:opendata: registered' % TOWN in out, 'what failed',
    out)
ok('go' in out and 'not done: ~ client %s:opendata' % TOWN in out,
    'what was not', out)
spew('c2.yaml', center_plan('management_server: "%s:town"\n' % TOWN))
center.want(0, 'c2.yaml', '--yes', what='the provider')
town.want(0, 't.yaml', '--yes', what='goes on from there')
firm.want(0, 'f.yaml', '--yes', what='second run')
wait_for(60, exchange, 'an exchange from empty machines')

# ---- the same again, and round trips ----
for m, file in ((center, 'c2.yaml'), (town, 't.yaml'), (firm, 'f.yaml')):
    ok('nothing to do' in m.want(0, file, '--dry-run'), 'nothing to do')
    for kind in ((), ('--json',)):
        rc, out = m.command('export', *kind)
        ok(rc == 0, m.name + ' exports', out)
        spew('again', out)
        ok('nothing to do' in m.want(0, 'again', '--dry-run'), 'round trip')

# ---- drift and repair ----
services = '/clients/%s:opendata/service-descriptions' % TOWN
service = '/services/%s:opendata:hello' % TOWN
town.call('PATCH', service, {'url': BACKEND + '/hello', 'timeout': 99,
    'ssl_auth': False})
town.call('POST', service + '/service-clients/delete', {'items': [
    {'id': FIRM + ':logistics', 'service_client_type': 'SUBSYSTEM'}]})
town.call('POST', service + '/service-clients', {'items': [
    {'id': 'LAB:security-server-owners',
     'service_client_type': 'GLOBALGROUP'}]})
ok(exchange()[0] != 200, 'somebody took the right away')
out = town.want(2, 't.yaml', '--dry-run')
ok('timeout 99 -> 20' in out and '+ "%s:logistics"' % FIRM in out
    and '- "LAB:security-server-owners"' in out, 'the drift is shown', out)
town.want(0, 't.yaml', '--yes')
wait_for(20, exchange, 'and repaired')
# what is not mentioned stays, unless the list is exclusive
town.call('POST', '/clients/%s:opendata/local-groups' % TOWN,
    {'code': 'mine', 'description': 'Made by hand'})
ok('nothing to do' in town.want(0, 't.yaml', '--yes'), 'it stays')
spew('t2.yaml', town_plan().replace('  local_groups:',
    '  exclusive: [local_groups]\n  local_groups:'))
out = town.want(0, 't2.yaml', '--yes')
ok('- local group mine' in out and [g['code'] for g in town.call('GET',
    '/clients/%s:opendata/local-groups' % TOWN)[1]] == ['friends'],
    'an exclusive list takes it away', out)

# ---- services with rules about persons ----
def ruled(rules):
    spew('r.yaml', town_plan().replace('      timeout: 20\n',
        '      timeout: 20\n' + rules))


NEEDS = {'subject': {'in': 'header', 'name': 'X-Person'},
    'purpose': {'in': 'fixed', 'name': 'loan'}, 'items': ['income']}
SHOWN = {'subject': {'in': 'query', 'name': 'id'}, 'words': {'ja': 'a', 'en': 'b'}}
ruled('      consent: %s\n      record: %s\n' % (json.dumps(NEEDS),
    json.dumps(SHOWN)))
out = town.want(0, 'r.yaml', '--yes', what='consent is needed')
ok('hello' in out and ': consent, record' in out, 'is told', out)
got = town.call('GET', '/machilink' + service + '/consent')[1]
ok(got == dict(NEEDS, namespaces={}, max_age=0), 'the rule is there', got)
status, text = exchange()
ok(status == 500 and 'consent' in text, 'and holds', (status, text))
ok('nothing to do' in town.want(0, 'r.yaml', '--yes'), 'nothing to do')
rc, out = town.command('export')
spew('again', out)
ok('X-Person' in out and 'nothing to do' in town.want(0, 'again',
    '--dry-run'), 'round trip', out)
ruled('      consent: {}\n      record: {}\n')
town.want(0, 'r.yaml', '--yes', what='no longer')
ok(town.call('GET', '/machilink' + service + '/record')[0] == 404, 'not shown')
wait_for(20, exchange, 'not needed')
ok('nothing to do' in town.want(0, 'r.yaml', '--yes'), 'nothing to do')

# ---- two administrators at once ----
spew('t3.yaml', town_plan(timeout=31))
pid, fd = pty.fork()
if not pid:
    os.execve(BIN, [BIN, 'apply', at('t3.yaml'), '--config', town.ini],
        town.env())
said = b''
while b'[y/N]' not in said and select.select([fd], [], [], 30)[0]:
    said += os.read(fd, 65536)
ok(b'timeout 20 -> 31' in said, 'one is asked', said)
town.call('PATCH', service, {'url': BACKEND + '/hello', 'timeout': 44,
    'ssl_auth': False})
os.write(fd, b'y\n')
try:
    while select.select([fd], [], [], 30)[0]:
        said += os.read(fd, 65536)
except OSError:
    pass
rc = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
ok(rc == 1 and b'changed meanwhile' in said, 'the other came before', said)
ok(town.call('GET', service)[1]['timeout'] == 44, 'whose change stands')
town.want(0, 't.yaml', '--yes')
each = []
for n in range(6):
    spew('g%d.yaml' % n, 'machilink: server\nclients:\n- id: "%s:opendata"\n'
        '  local_groups:\n  - {code: g%d, description: G, members: '
        '["%s:logistics"]}\n' % (TOWN, n, FIRM))
    each.append(subprocess.Popen([BIN, 'apply', at('g%d.yaml' % n), '--yes',
        '--config', town.ini], env=town.env(), stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT))
for p in each:
    out = p.communicate(timeout=60)[0]
    ok(p.returncode == 0, 'six at once', out)
got = {g['code']: len(g['members']) for g in town.call('GET',
    '/clients/%s:opendata/local-groups' % TOWN)[1]}
ok(got == {'friends': 1, **{'g%d' % n: 1 for n in range(6)}},
    'lose nothing', got)

# ---- a center's lists ----
spew('c3.yaml', '''machilink: center
exclusive: [global_groups]
global_groups:
- code: neighbours
  description: All neighbours
  exclusive: [members]
  members: ["%s"]
- {code: second, description: Second}
automatic_approval: [clients]
exclusive_: 1
''' % TOWN)
center.want(64, 'c3.yaml', '--yes')
text = open(at('c3.yaml')).read().replace('exclusive_: 1\n', '')
spew('c3.yaml', text.replace('exclusive: [global_groups]',
    'exclusive: [global_groups, automatic_approval]'))
center.want(0, 'c3.yaml', '--yes')
ok('nothing to do' in center.want(0, 'c3.yaml', '--yes'), 'nothing to do')
got = center.call('GET', '/machilink/automatic-approval')[1]
ok(got == {'authentication_certificates': False, 'clients': True,
    'owner_changes': False}, 'approval', got)
spew('c4.yaml', 'machilink: center\nmembers: [{id: "LAB:GOV:9000020072027", '
    'name: X}]\n')
out = center.want(1, 'c4.yaml', '--yes', what='a mistyped corporate number')
ok('member_code_check_digit' in out and '検査数字' in out, 'is said', out)
center.want(0, 'c4.yaml', '--yes', '--ignore-warnings', what='never forced')
spew('c5.yaml', 'machilink: center\ninstance: OTHER\n')
ok('cannot become "OTHER"' in center.want(1, 'c5.yaml', '--yes'),
    'what cannot be changed')

# ---- a CA of others ----
pem = center.call('GET', '/machilink/trust-services')[1]['tsa_certificate']
spew('ca.pem', pem)
spew('c6.yaml', '''machilink: center
certification_services:
- certificate: ca.pem
  certificate_profile_info: ee.ria.xroad.common.certificateprofile.impl.BasicCertificateProfileInfoProvider
  tls_auth: true
  ocsp_responders: [{url: "http://ocsp.example/", cost_type: PAID}]
timestamping_services:
- {url: "http://tsa.example/", certificate: town-sign.pem, cost_type: FREE}
''')
center.want(0, 'c6.yaml', '--yes')
ok('nothing to do' in center.want(0, 'c6.yaml', '--yes'), 'nothing to do')
rc, out2 = center.command('export')
spew('again', out2)
ok('nothing to do' in center.want(0, 'again', '--dry-run'), 'round trip', out2)
for m in (town, firm, center):
    m.end()
labkit.done()
