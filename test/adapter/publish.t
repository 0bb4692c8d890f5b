#!/usr/bin/env python3
# Publishing in one step, in a network: descriptions registered at the town's
# security server, turned on, rights given per service; again without harm; what
# is refused; and the same services as a declared state.
import json, os, subprocess, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, at, ok, spew

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
    got[1]['steps']] == ['failed', 'skipped'] * 2, 'a client that is none', got)

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
labkit.done()
