#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Personal-Link's pages in a browser: a center that declares, tells what ends
# with a declaration and counts; a cache that says how old it is and makes rules
# of what residents see.
import os, sqlite3, subprocess, sys
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE + '/../lab')
import labkit
from labkit import at, ok

if not os.path.exists('/usr/bin/chromium'):
    labkit.skip('no chromium')
if not os.path.isdir(HERE + '/../../web/node_modules'):
    labkit.skip('no node modules: make web')
labkit.begin()
NET = '127.67.2'
TOWN, FIRM = 'LAB/GOV/9000020994014', 'LAB/COM/2010401999001'
INI = '''[machilink]
roles = personal-link, dashboard
data-dir = %(dir)s/data
address = %(ip)s
[proxy-ui-api]
listen-address = %(ip)s
listen-port = 14000
[personal-link]
mode = %(mode)s
subsystem = LAB/GOV/9000020994014/pl-%(mode)s
center-service = LAB/GOV/9000020994014/pl-center/personal-link
server-url = http://%(ip)s:1
listen-address = %(ip)s
resident-port = 0
pull-interval = 3600
'''
PASSWORD = 'correct horse battery staple'


def machine(mode, ip):
    m = labkit.Machine(mode, INI % {'dir': at(mode), 'ip': ip, 'mode': mode},
        'https://%s:14000' % ip)
    m.start()
    got = m.call('POST', '/machilink/users', {'name': 'officer',
        'display_name': 'officer', 'password': PASSWORD,
        'password_change_due': False, 'roles': ['XROAD_SECURITY_OFFICER',
        'XROAD_REGISTRATION_OFFICER', 'XROAD_SYSTEM_ADMINISTRATOR']})
    ok(got[0] in (200, 201), mode + ': an officer', got)
    return m


def declare(m, path, body):
    status, answer = m.call('POST', '/machilink/link' + path, body)
    ok(status in (200, 201), path, '%s %r' % (status, answer))
    return answer.get('id')


def both(text):
    return {'ja': text, 'en': text}


center, cache = machine('center', NET + '.10'), machine('cache', NET + '.11')
for member, name in ((TOWN, '町'), (FIRM, '会社')):
    declare(center, '/organisations', {'member': member, 'name': both(name),
        'door': member + '/pl/cache'})
tax = declare(center, '/services', {'target': TOWN + '/pl/tax', 'title':
    both('課税証明'), 'data': both('所得'), 'legal': both('同意'), 'maxDays': 90,
    'items': [{'code': 'income', 'ja': '所得', 'en': 'Income'}]})
loan = declare(center, '/purposes', {'subsystem': FIRM + '/loans', 'code':
    'loan', 'title': both('融資'), 'reason': both('審査'), 'policyUrl':
    'https://www.example.org/'})
db = sqlite3.connect(at('center', 'data', 'link.db'), timeout=10)
with db:
    for i, state in enumerate(('approved', 'approved', 'requested')):
        name = str(i) * 32
        db.execute('INSERT INTO consent (reference, service, purpose, asked, '
            "items, days, state) VALUES (?, ?, ?, '[]', '[]', 30, ?)",
            (name, tax, loan, state))
        for step in {'requested', state}:
            db.execute('INSERT INTO consent_step (reference, at, to_state, '
                "actor, reason, items) VALUES (?, strftime('%s') * 1000, ?, "
                "'resident', 'test', '[]')", (name, step))
db.close()

node = subprocess.run(['timeout', '100', 'node', HERE + '/link.mjs', center.url,
    cache.url, 'officer', PASSWORD], stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT, text=True)
for line in node.stdout.splitlines():
    good, _, what = line.partition('ok - ')
    if what and good in ('', 'not '):
        ok(not good, what)
    else:
        print('# ' + line)
ok(node.returncode == 0, 'link.mjs ended well')
got = center.call('GET', '/machilink/link/services')[1].get('services', [])
ok({s['target']: (s['state'], s['open']) for s in got}.get(TOWN + '/pl/tax') ==
    ('withdrawn', {'requested': 0, 'approved': 0}), 'everything ended', got)
got = cache.call('GET', '/machilink/link/usage-rules')[1].get('rules', [])
ok([(r['kind'], r.get('days'), r.get('consumer')) for r in got] ==
    [('delay', 90, FIRM)], 'the rule', got)
for m in (center, cache):
    m.stop()
labkit.done()
