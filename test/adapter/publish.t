#!/usr/bin/env python3
# Publishing in one step, in a network: descriptions registered at the town's
# security server, turned on, rights given per service; again without harm; what
# is refused; the same services as a declared state; and an adapter that is a
# machine of its own, over HTTPS with certificates on both sides.
import json, os, subprocess, sys, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, at, eventually, ok, spew

labkit.begin()
lab = labkit.Lab(os.environ.get('MACHILINK_NET', '127.51.3'))
A = '/machilink/adapter'
clients = {w: next(c['id'] for c in lab.call(w, 'GET', '/clients')[1]
    if c.get('subsystem_code') and c['subsystem_code'] != 'MANAGEMENT')
    for w in ('town', 'company')}
got = lab.call('town', 'GET', A + '/services')
ok(got[0] == 200 and len(got[1]) >= 3, 'the town offers data services', got)
town, firm = clients['town'], clients['company']


def publish(who=town, **more):
    return lab.call('town', 'POST', A + '/publication', {'client': who,
        'rest_service_code': 'town-data', 'interfaces': ['REST', 'SOAP'],
        'services': [{'name': 'public-facilities', 'access': [firm]}], **more})


def results(got):
    return {(s['step'], s['about'].rsplit('/', 1)[-1].split()[-1]): s['result']
        for s in got[1]['steps']}


got = publish()
ok(got[0] == 200 and got[1]['ok'], 'published', got)
grants = [s for s in got[1].get('steps', []) if s['step'] == 'grant']
ok(len(grants) == 3 and {s['about'] for s in grants} == {
    'GET /api/service/public-facilities', 'POST /api/service/public-facilities',
    'SOAP public-facilities'}, 'rights per service, both interfaces', grants)
again = publish()
ok(again[0] == 200 and again[1]['ok'] and {s['result'] for s in
    again[1]['steps'] if s['step'] in ('grant', 'enable')} == {'already'},
    'again: nothing twice', again)
there = lab.call('town', 'GET', '/clients/%s/service-descriptions' % town)[1]
rest = [d for d in there if d['url'].endswith('/api/openapi.json')]
ok(len(rest) == 1 and not rest[0]['disabled'], 'one description, turned on',
    there)
got = publish(services=[{'name': 'nobody', 'access': [firm]}])
ok(got[0] == 200 and not got[1]['ok'] and all(s['error']['message_ja'] for s in
    got[1]['steps'] if s['result'] == 'failed'), 'a service that is none', got)
got = publish(services=[{'name': 'public-facilities', 'access':
    ['LAB:GOV:0:nobody']}])
ok(got[0] == 200 and not got[1]['ok'], 'a subject that is none', got)
got = publish('LAB:GOV:0:nobody')
ok(got[0] == 200 and not got[1]['ok'] and [s['result'] for s in
    got[1]['steps']] == ['failed', 'skipped'] * 2 and got[1]['steps'][0]
    ['error']['code'] == 'client_not_found', 'a client that is none', got)

# ---- the same as a declared state ----
state = lab.state['town']
env = dict(os.environ, MACHILINK_API_KEY=state['key'], LC_ALL='C.UTF-8')


def run(*argv):
    p = subprocess.run([BIN, *argv, '--url', lab.base('town'), '--insecure',
        '--lang', 'en'], capture_output=True, text=True, env=env, timeout=120)
    return p.returncode, p.stdout, p.stderr


code, out, err = run('export', '--json')
plan = json.loads(out) if code == 0 else {}
names = [s['name'] for d in plan.get('databases', []) for s in
    d.get('data_services', [])]
ok('public-facilities' in names and 'password' not in out.replace('password_',
    ''), 'an export has the databases and services', (code, out[-900:], err))
one = {'machilink': 'server', 'databases': plan.get('databases', [])}
code, out, err = run('apply', spew('same.json', json.dumps(one)), '--dry-run')
ok(code == 0, 'which changes nothing', (code, out, err))
first = one['databases'][0]
first['data_services'].append({'name': 'declared', 'definition': {'sqlTemplate':
    'SELECT 1 AS x', 'result': [{'name': 'x', 'type': 'LONG'}]}})
code, out, err = run('apply', spew('more.json', json.dumps(one)), '--yes')
ok(code == 0 and 'data service declared' in out, 'a service is declared', (code,
    out, err))
got = lab.call('town', 'GET', A + '/services/declared')
ok(got[0] == 200 and got[1]['state'] == 'in force', 'and in force', got)
first['data_services'][-1]['enabled'] = False
first['data_services'][-1]['definition']['sqlTemplate'] = 'SELECT 2 AS x'
code, out, err = run('apply', spew('off.json', json.dumps(one)), '--yes')
got = lab.call('town', 'GET', A + '/services/declared')
ok(code == 0 and got[1]['state'] == 'off' and '2' in got[1]['sqlTemplate'],
    'changed and turned off', (code, out, err, got))
first['data_services'].pop()
first['exclusive'] = ['data_services']
code, out, err = run('apply', spew('less.json', json.dumps(one)), '--yes')
ok(code == 0 and lab.call('town', 'GET', A + '/services/declared')[0] == 404,
    'and taken away', (code, out, err))

# ---- a machine of its own ----
def data(name):
    return os.path.join(lab.dir, 'town', 'data', name)


IP = '.'.join(state['address'].split('.')[:3] + ['9'])
admin_port, port = labkit.free_port(IP), labkit.free_port(IP)
far = labkit.Machine('far', '[machilink]\nroles = adapter, dashboard\n'
    'data-dir = %s\nlanguage = en\naddress = %s\n[proxy-ui-api]\n'
    'listen-address = %s\nlisten-port = %d\n[adapter]\nlisten-port = 0\n'
    'tls-port = %d\ntls-listen-address = %s\nsecurity-server-url = %s\n'
    'security-server-key-file = %s\nsecurity-server-certificate = %s\n' % (
    at('far', 'data'), IP, IP, admin_port, port, IP, lab.base('town'),
    spew('far.key', state['key'] + '\n'), data('admin.crt')),
    'https://%s:%d' % (IP, admin_port))
csv = spew('wells.csv', 'code,name\nW1,井戸\n')
p = subprocess.run([BIN, 'import', 'open-data', csv, '--config', far.ini],
    capture_output=True, text=True, timeout=60)
ok(p.returncode == 0, 'a list is offered there', (p.stdout, p.stderr))
with open(data('internal.crt')) as f:
    spew('far/data/adapter-clients.pem', f.read())
far.start()


def from_far(**more):
    return far.call('POST', A + '/publication', {'client': town,
        'rest_service_code': 'far', 'services': [{'name': 'wells',
        'access': [firm]}], **more})


got = from_far()
ok(got[0] == 200 and got[1]['ok'] and results(got).get(('certificate', town))
    == 'done', 'published from there: its certificate first', got)
there = [d['url'] for d in lab.call('town', 'GET',
    '/clients/%s/service-descriptions' % town)[1]]
ok('https://%s:%d/api/openapi.json' % (IP, port) in there and
    'https://%s:%d/wsdl/services.wsdl' % (IP, port) in there,
    'at its HTTPS address, which wants a certificate', there)
again = from_far()
ok(again[1]['ok'] and results(again)[('certificate', town)] == 'already',
    'again: nothing twice', again)
consumer = 'http://%s:%d' % (lab.state['company']['address'],
    8080 + lab.state['shift'])


def wells():
    a = labkit.asked(urllib.request.Request('%s/r1/%s/far/api/service/wells' % (
        consumer, town.replace(':', '/')), headers={'X-Road-Client':
        firm.replace(':', '/')}))
    return a.status, a.read().decode()


got = eventually(30, wells, lambda x: x[0] == 200)
ok(got[0] == 200 and '井戸' in got[1], 'the company reads the list of the '
    'machine behind', got)
got = from_far(client='LAB:GOV:0:nobody')
ok(got[0] == 200 and not got[1]['ok'] and [s['step'] for s in got[1]['steps']]
    == ['certificate'] and got[1]['steps'][0]['error']['message_ja'],
    'a client that is none', got)
far.stop()
labkit.done()
