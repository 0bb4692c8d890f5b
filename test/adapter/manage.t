#!/usr/bin/env python3
# The adapter's administration interface: databases and services made, tried,
# changed, turned off and brought back, by two people at once; refusals in both
# languages; passwords that never come out; the trace of what was called.
import json, os, sqlite3, sys, urllib.parse, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import at, ok

IP = '127.51.1.2'
labkit.begin()
admin_port, port = labkit.free_port(IP), labkit.free_port(IP)
INI = ('[machilink]\nroles = adapter, dashboard\ndata-dir = %s\nlanguage = en\n'
    '[proxy-ui-api]\nlisten-address = %s\nlisten-port = %d\n[adapter]\n'
    'listen-address = %s\nlisten-port = %d\n' % (at('town', 'data'), IP,
    admin_port, IP, port))
m = labkit.Machine('town', INI, 'https://%s:%d' % (IP, admin_port))
A = '/machilink/adapter'
db = sqlite3.connect(at('data.db'))
db.executescript("""
CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT NOT NULL, lat REAL, people INTEGER);
CREATE TABLE secret (pin TEXT);
CREATE VIEW big AS SELECT * FROM site WHERE people > 100;
""")
db.executemany('INSERT INTO site VALUES (?, ?, ?, ?)',
    [(i, '避難所%d' % i, 35.5 + i, i * 50) for i in range(1, 301)])
db.commit()


def raw(method, path, body=None, head=None, key=None):
    """(status, value, headers)."""
    h = {'Authorization': 'X-Road-ApiKey token=' + (key or m.key), **(head or
        {})}
    if body is not None:
        h['Content-Type'] = 'application/json'
        body = json.dumps(body).encode()
    a = labkit.asked(urllib.request.Request(m.url + '/api/v1' + A + path, body,
        h, method=method))
    return a.status, labkit.value_of(a.read()), a.headers


def call(method, path, body=None, **more):
    return raw(method, path, body, **more)[:2]


def refused(got, status, code, what):
    error = got[1].get('error', {}) if isinstance(got[1], dict) else {}
    good = got[0] == status and (not code or error.get('code') == code) and \
        error.get('message') and any(ord(c) > 0x3000 for c in
        error.get('message_ja', ''))
    return ok(good, what, got)


def service(name, query=''):
    """(status, value) of a data service."""
    a = labkit.asked('http://%s:%d/api/service/%s%s' % (IP, port,
        urllib.parse.quote(name), query))
    return a.status, labkit.value_of(a.read())


def one(**more):
    return {'name': 'one', 'database': 'town', 'sqlTemplate': 'SELECT id, name '
        'FROM site WHERE id = :id', 'tables': ['site'], 'params': [{'name':
        'id', 'type': 'LONG'}], **more}


m.start()
ok(call('GET', '/services') == (200, []), 'a new machine has no services')

# ---- databases ----
got = call('POST', '/databases', {'id': 'town', 'databaseType': 'SQLITE',
    'databaseName': at('data.db'), 'displayName': '町の台帳', 'password':
    'never-out'})
ok(got[0] == 201 and got[1]['passwordSet'] and 'password' not in got[1],
    'a database is added', got)
ok(os.stat(at('town', 'data', 'services.json')).st_mode & 0o77 == 0,
    'nobody else reads the file')
ok('never-out' not in open(at('town', 'data', 'services.json')).read(),
    'its password is sealed in the file')
refused(call('POST', '/databases', {'id': 'town', 'databaseType': 'SQLITE',
    'databaseName': 'x.db'}), 409, 'database_exists', 'an id twice')
refused(call('POST', '/databases', {'databaseType': 'SQLITE', 'databaseName':
    at('town', 'data', 'console.db')}), 400, None,
    'the accounts of this machine are no database to offer')
refused(call('POST', '/databases', {'databaseType': 'ORACLE', 'databaseName':
    'x'}), 400, None, 'a driver that is missing')
got = call('POST', '/database-tests', {'databaseType': 'SQLITE',
    'databaseName': at('data.db')})
ok(got[0] == 200 and got[1]['ok'] and got[1]['milliseconds'] >= 0,
    'a connection is tested', got)
got = call('POST', '/database-tests', {'databaseType': 'SQLITE',
    'databaseName': at('none.db')})
ok(got[0] == 200 and not got[1]['ok'] and 'none.db' in
    got[1]['error']['message'] and 'none.db がありません' in
    got[1]['error']['message_ja'], 'a file that is not there', got)
got = call('POST', '/database-tests', {'databaseType': 'POSTGRESQL', 'host':
    IP, 'port': labkit.free_port(IP), 'databaseName': 'x', 'username': 'u',
    'password': 'p', 'tls': 'off', 'connectionTimeout': 1000})
ok(got[0] == 200 and got[1]['error']['code'] == 'database_unavailable' and
    'refused' in got[1]['error']['message'],
    "a server that is not there, in its library's words", got)
refused(call('POST', '/database-tests', {'id': 'town', 'databaseType':
    'POSTGRESQL', 'host': IP, 'databaseName': 'x', 'username': 'u'}), 400,
    'password_needed', 'a stored password is for its own place only')
got = call('GET', '/databases/town/health')
ok(got[0] == 200 and got[1]['ok'], 'health of a database', got)
refused(call('GET', '/databases/nobody/health'), 404, None,
    'health of none')
got = call('GET', '/databases/town/tables')
tables = {t['name']: t for t in got[1]} if got[0] == 200 else {}
ok(set(tables) == {'site', 'secret', 'big'} and tables['big']['view'] and
    [c['type'] for c in tables['site']['columns']] == ['LONG', 'STRING',
    'DOUBLE', 'LONG'], 'tables and columns to pick', got)
ok(any(k['name'] == 'WAREKI' and k['expects_ja'] for k in
    call('GET', '/kinds')[1]), 'kinds of values to pick')

# ---- a statement, before it is a service ----
got = call('POST', '/proposals', {'database': 'town', 'sqlTemplate':
    'SELECT id,\r\n\tname, lat -- of one\nFROM site\nWHERE id = :id'})
ok(got[0] == 200 and [f['name'] for f in got[1]['params']] == ['id'] and
    [(f['name'], f['type']) for f in got[1]['result']] == [('id', 'LONG'),
    ('name', 'STRING'), ('lat', 'DOUBLE')] and got[1]['tables'] == ['site'] and
    'SEARCH site' in got[1]['plan'], 'types, tables and plan', got)
for sql, what in (('SELECT nothing FROM site', 'a column that is none'),
        ('SELECT 1 AS a; SELECT 2 AS b', 'two statements'),
        ('DELETE FROM site', 'a change'), ('PRAGMA user_version', 'a PRAGMA'),
        ('SELECT name FROM sqlite_schema', 'a system table'), (';', 'nothing')):
    refused(call('POST', '/proposals', {'database': 'town', 'sqlTemplate':
        sql}), 400, None, 'proposal: ' + what)
got = call('POST', '/proposals', {'database': 'town', 'sqlTemplate':
    'SELECT id FROM site WHERE id IN (:ids)'})
ok(got[0] == 200 and [(f['type'], f['itemType']) for f in got[1]['params']] ==
    [('LIST', 'STRING')], 'IN (:ids) proposes a list', got)
got = call('POST', '/trials', {'service': one(), 'parameters': {'id': 7}})
ok(got[0] == 200 and got[1]['rows'] == [{'id': 7, 'name': '避難所7'}] and
    'SEARCH site' in got[1]['plan'] and got[1]['milliseconds'] >= 0,
    'a draft is tried', got)
got = call('POST', '/trials', {'service': one(), 'parameters': {'id': 'x'}})
ok(got[0] == 200 and got[1]['refused']['parameter'] == 'id' and 'id' in
    got[1]['refused']['message_ja'], 'what was refused, and why', got)
got = call('POST', '/trials', {'service': {'name': 'all', 'database': 'town',
    'sqlTemplate': 'SELECT id FROM site'}})
ok(got[0] == 200 and len(got[1]['rows']) == 100 and got[1]['truncated'],
    'a trial shows 100 rows at most', got)
got = call('POST', '/trials', {'service': {'name': 'w', 'database': 'town',
    'write': True, 'sqlTemplate': 'DELETE FROM site WHERE id < :n', 'params':
    [{'name': 'n', 'type': 'LONG'}]}, 'parameters': {'n': 100}})
ok(got[0] == 200 and got[1]['affected'] == 99 and got[1]['rolledBack'] and
    db.execute('SELECT count(*) FROM site').fetchone() == (300,),
    'what a trial changes is rolled back', got)
ok(service('one')[0] == 404, 'nothing of this was offered')

# ---- services ----
status, value, head = raw('POST', '/services', one(displayName='一件',
    sqlTemplate='SELECT id, name\nFROM site\nWHERE id = :id'))
ok(status == 201 and value['state'] == 'in force' and head['ETag'] == '"%s"'
    % value['revision'], 'a service is added', (status, value))
ok(service('one', '?id=3') == (200, {'rows': [{'id': 3, 'name': '避難所3'}]}),
    'and serves at once', service('one', '?id=3'))
refused(call('POST', '/services', one()), 409, 'service_exists', 'a name twice')
refused(call('POST', '/services', one(name='two', database='nobody')), 404,
    None, 'a database that is none')
refused(call('POST', '/services', one(name='two', sqlTemplate='SELECT pin FROM '
    'secret', params=[])), 400, None, 'a table beyond the allow-list')
refused(call('POST', '/services', one(name='two', params=[])), 400, None,
    'a parameter that is not declared')
refused(call('POST', '/services', one(name='a/b')), 400, None,
    'a name that is none')
before = value['revision']
status, value, head = raw('PUT', '/services/one', one(displayName='二件',
    sqlTemplate='SELECT id, people FROM site WHERE id = :id'), {'If-Match':
    '"%s"' % before})
ok(status == 200 and value['revision'] != before, 'a service is changed',
    (status, value))
ok(service('one', '?id=3')[1] == {'rows': [{'id': 3, 'people': 150}]},
    'and serves so at once')
refused(call('PUT', '/services/one', one(), head={'If-Match': '"%s"' % before}),
    409, 'changed_meanwhile', 'who was slower is told')
refused(call('DELETE', '/services/one', head={'If-Match': before}), 409,
    'changed_meanwhile', 'who was slower does not delete')
ok(service('one', '?id=3')[1] == {'rows': [{'id': 3, 'people': 150}]},
    'nothing was lost')
got = call('PUT', '/services/one/disable')
ok(got[0] == 200 and got[1]['state'] == 'off' and service('one', '?id=3')[0] ==
    404, 'a service is turned off', got)
got = call('PUT', '/services/one/enable')
ok(got[0] == 200 and got[1]['state'] == 'in force' and
    service('one', '?id=3')[0] == 200, 'and on', got)

# ---- versions ----
got = call('GET', '/services/one/versions')
ok(got[0] == 200 and [v['number'] for v in got[1]] == [4, 3, 2, 1] and
    got[1][0]['by'].startswith('api-key-'), 'versions, and whose', got)
got = call('GET', '/services/one/versions/1')
ok(got[0] == 200 and got[1]['service']['displayName'] == '一件', 'one of them',
    got)
got = call('PUT', '/services/one/versions/1/restore')
ok(got[0] == 200 and got[1]['displayName'] == '一件' and service('one',
    '?id=3')[1] == {'rows': [{'id': 3, 'name': '避難所3'}]}, 'brought back', got)
got = call('PUT', '/services/one/step-back')
ok(got[0] == 200 and got[1]['displayName'] == '二件', 'one step back', got)
refused(call('GET', '/services/one/versions/99'), 404, None,
    'a version that is none')
refused(call('GET', '/services/nobody/versions'), 404, None,
    'versions of nothing')
ok(call('DELETE', '/services/one')[0] == 204 and service('one', '?id=3')[0] ==
    404, 'a service is removed')
got = call('PUT', '/services/one/step-back')
ok(got[0] == 200 and service('one', '?id=3')[0] == 200,
    'and comes back when that was a mistake', got)

# ---- by hand, beside it ----
path = at('town', 'data', 'services.json')
root = json.load(open(path))
root['dbSources'][0]['dbServices'].append({'name': 'by-hand', 'sqlTemplate':
    'SELECT count(*) AS n FROM site'})
json.dump(root, open(path + '.new', 'w'))
os.rename(path + '.new', path)
labkit.eventually(3, lambda: service('by-hand'), lambda s: s[0] == 200)
ok(service('by-hand')[1] == {'rows': [{'n': 300}]}, 'the file can be changed '
    'by hand too')
ok(call('GET', '/services/by-hand/versions')[1][0]['by'] == 'services.json',
    'which is a version as well')

root = json.load(open(path))
root['dbSources'][0]['password'] = 'by-hand-too'
json.dump(root, open(path + '.new', 'w'))
os.rename(path + '.new', path)
labkit.eventually(3, lambda: open(path).read(), lambda t: 'by-hand' in t and
    'by-hand-too' not in t)
ok('by-hand-too' not in open(path).read() and json.load(open(path))
    ['dbSources'][0]['password'].startswith('sealed:') and
    service('by-hand')[0] == 200, 'a password written by hand is sealed')

# ---- a broken service keeps nobody from mending ----
ok(call('POST', '/services', {'name': 'two', 'database': 'town', 'sqlTemplate':
    'SELECT pin FROM secret'})[0] == 201, 'another service')
db.execute('ALTER TABLE secret RENAME TO hidden')
db.commit()
got = call('PUT', '/services/one', one(displayName='三件'))
ok(got[0] == 200, 'one is saved while another is broken', got)
got = call('GET', '/services/two')
ok(got[1]['state'] == 'asleep' and 'secret' in got[1]['problem']['message'] and
    got[1]['problem']['message_ja'], 'the broken one says why', got)
got = service('two')
ok(got[0] == 500 and 'secret' not in str(got[1]), 'and tells callers less', got)
got = m.call('GET', '/machilink/health')
ok('"two\\" sleeps' in json.dumps(got[1]), 'health says so', got)
db.execute('ALTER TABLE hidden RENAME TO secret')
db.commit()
ok(call('PUT', '/services/two/enable')[1]['state'] == 'in force',
    'mended, it serves again')

# ---- the whole file ----
status, whole, head = raw('GET', '/file')
ok(status == 200 and 'password' not in whole['dbSources'][0] and len(
    whole['dbSources'][0]['dbServices']) == 3, 'the file is exported', whole)
whole['dbSources'][0]['dbServices'].pop()
got = call('PUT', '/file', whole, head={'If-Match': head['ETag']})
ok(got[0] == 200 and service('two')[0] == 404, 'and imported', got)
ok(call('GET', '/databases/town')[1]['passwordSet'], 'with its password kept')
refused(call('PUT', '/file', whole, head={'If-Match': head['ETag']}), 409,
    'changed_meanwhile', 'not over what somebody else changed')
refused(call('PUT', '/file', {'dbSources': [{'databaseType': 'SQLITE',
    'databaseName': at('data.db'), 'dbServices': [{'name': 'x', 'sqlTemplate':
    'DROP TABLE site'}]}]}), 400, None, 'what is wrong is not imported')
ok(service('one', '?id=3')[0] == 200, 'and what was stays')

# ---- who may ----
watch = m.new_key('--roles', 'XROAD_SECURITYSERVER_OBSERVER')
system = m.new_key('--roles', 'XROAD_SYSTEM_ADMINISTRATOR')
ok(call('GET', '/services', key=watch)[0] == 200 and call('GET', '/calls',
    key=watch)[0] == 403 and call('POST', '/services', one(name='n'),
    key=watch)[0] == 403, 'observers look')
ok(call('GET', '/databases/town/tables', key=system)[0] == 200 and
    call('DELETE', '/services/one', key=system)[0] == 403,
    'system administrators see to databases')
ok(call('PUT', '/file', whole, key=system)[0] == 403,
    'and change no services by the file that holds all')

# ---- the trace ----
call('PUT', '/services/one', one(params=[{'name': 'id', 'type': 'LONG'}]))
call('POST', '/services', {'name': 'who', 'database': 'town', 'version': 'v1',
    'sqlTemplate': 'SELECT id FROM site WHERE name = :name AND people > :p',
    'params': [{'name': 'name', 'personal': True}, {'name': 'p', 'type':
    'LONG'}]})
a = labkit.asked(urllib.request.Request('http://%s:%d/api/service/who?name='
    '%%E7%%94%%B0%%E4%%B8%%AD&p=5' % (IP, port), headers={'X-Road-Client':
    'LAB/COM/2/app', 'X-Road-Id': 'message-1', 'X-Road-UserId': 'JP1'}))
ok(a.status == 200, 'a call')
service('who', '?name=x&p=x')
service('who', '?name=x&p=123456789018&x=1')


def calls(query='', wait=1):
    """The trace is written a moment later."""
    return labkit.eventually(5, lambda: call('GET', '/calls' + query)[1]
        ['calls'], lambda c: len(c) >= wait)


got = calls('?service=who', 3)
ok([c['outcome'] for c in got] == ['bad_request', 'bad_request', 'ok'],
    'calls, the newest first', got)
first = got[-1]
ok(first['client'] == 'LAB/COM/2/app' and first['user_id'] == 'JP1' and
    first['message_id'] == 'message-1' and first['database'] == 'town' and
    first['version'] == 'v1' and first['interface'] == 'REST' and
    first['rows'] == 0 and first['milliseconds'] > 0, 'who, what, how long',
    first)
ok(first['parameters'] == {'name': '***', 'p': '5'},
    'parameters, but not personal ones', first)
ok(got[0]['parameters'] == {'name': '***', 'p': '***', '?': '***'} and
    '123456789018' not in json.dumps(got), 'nor what looks like a My Number',
    got)
ok(len(calls('?client=' + urllib.parse.quote('LAB/COM/2/app'))) == 1 and
    len(calls('?message_id=message-1')) == 1 and
    len(calls('?service=who&outcome=refused', 2)) == 2 and
    call('GET', '/calls?from=2099-01-01T00:00:00Z')[1]['calls'] == [],
    'searched')
ok(any(c['interface'] == 'TRIAL' and c['client'].startswith('api-key-') for c in
    calls('?service=w')), 'trials are traced too')
page = call('GET', '/calls?limit=2')[1]
more = call('GET', '/calls?limit=2&before=%d' % page['next'])[1]
ok(len(more['calls']) == 2 and more['calls'][0]['id'] < page['calls'][1]['id'],
    'page by page', more)
refused(call('GET', '/calls?from=yesterday'), 400, None, 'a time that is none')
got = call('GET', '/state')
ok(got[0] == 200 and got[1]['calls']['total'] >= 3 and
    got[1]['calls']['lost'] == 0 and got[1]['services'] == 3, 'counters', got)

# ---- databases, changed and removed ----
status, value, head = raw('GET', '/databases/town')
body = {k: v for k, v in value.items() if k in ('id', 'databaseType',
    'databaseName', 'displayName')}
refused(call('PUT', '/databases/town', {**body, 'databaseName': at('other.db')}
    ), 400, 'password_needed', 'another place wants its password')
got = call('PUT', '/databases/town', {**body, 'displayName': '台帳'},
    head={'If-Match': head['ETag']})
ok(got[0] == 200 and got[1]['displayName'] == '台帳' and got[1]['passwordSet'] and
    service('one', '?id=3')[0] == 200, 'a database is changed', got)
refused(call('PUT', '/databases/town', body, head={'If-Match': head['ETag']}),
    409, 'changed_meanwhile', 'not over what somebody else changed')
refused(call('DELETE', '/databases/town'), 409, 'database_has_services',
    'not with its services')
ok(call('DELETE', '/databases/town?with_services=true')[0] == 204 and
    service('one', '?id=3')[0] == 404, 'unless told to')

# ---- a server that is not there when the machine starts ----
got = call('POST', '/databases', {'id': 'far', 'databaseType': 'POSTGRESQL',
    'host': IP, 'port': labkit.free_port(IP), 'databaseName': 'x', 'username':
    'u', 'password': 'hush', 'tls': 'off'})
ok(got[0] == 201, 'it can be entered', got)
refused(call('POST', '/services', {'name': 'far-one', 'database': 'far',
    'sqlTemplate': 'SELECT 1 AS x'}), 503, None,
    'what cannot be checked is not saved')
root = json.load(open(path))
root['dbSources'][0]['dbServices'] = [{'name': 'far-one', 'sqlTemplate':
    'SELECT 1 AS x'}, {'name': 'far-two', 'sqlTemplate': 'SELECT 2 AS x'}]
m.stop()
json.dump(root, open(path, 'w'))
m.start()
got = service('far-one')
ok(got[0] == 503 and 'hush' not in str(got), 'the service answers so', got)
got = call('GET', '/services/far-one')
ok(got[1]['state'] == 'asleep' and got[1]['problem']['code'] ==
    'database_unavailable', 'the interface says why', got)
got = m.call('GET', '/machilink/health')
ok('"far-one\\" sleeps' in json.dumps(got[1]), 'and health', got)
ok('hush' not in m.log() and 'never-out' not in m.log(),
    'no password in the log')
m.stop()
labkit.done()
