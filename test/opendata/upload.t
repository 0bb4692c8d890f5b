#!/usr/bin/env python3
# A CSV file becomes data services through the administration interface: looked
# at first, then taken, served at once, replaced; refused in both languages.
import json, os, sys, urllib.parse, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import at, ok

IP = '127.53.4.2'
labkit.begin()
admin_port, port = labkit.free_port(IP), labkit.free_port(IP)
m = labkit.Machine('town', '[machilink]\nroles = adapter, dashboard\n'
    'data-dir = %s\nlanguage = en\n[proxy-ui-api]\nlisten-address = %s\n'
    'listen-port = %d\n[adapter]\nlisten-address = %s\nlisten-port = %d\n' % (
    at('town', 'data'), IP, admin_port, IP, port), 'https://%s:%d' % (IP,
    admin_port))
LIST = ('市区町村コード,NO,名称,男性トイレ総数,女性トイレ総数\r\n'
    '11002,1,駅前トイレ,3,4\r\n11002,2,港トイレ,2,"1,200"\r\n')


def send(text, **query):
    a = labkit.asked(urllib.request.Request(m.url +
        '/api/v1/machilink/adapter/imports?' + urllib.parse.urlencode(query),
        text, {'Authorization': 'X-Road-ApiKey token=' + m.key,
        'Content-Type': 'application/octet-stream'}, method='POST'))
    return a.status, labkit.value_of(a.read())


def rows(name):
    a = labkit.asked('http://%s:%d/api/service/%s' % (IP, port, name))
    return labkit.value_of(a.read()).get('rows') if a.status == 200 else None


m.start()
status, got = send(LIST.encode('cp932'), dry_run='true')
ok(status == 200 and got['dry_run'] and got['title'] == '公衆トイレ一覧' and
    got['rows'] == 2 and got['encoding'] == 'CP932', 'looked at', got)
ok(got['services'] == ['public-toilets', 'public-toilets-by-id'],
    'what it would become', got)
ok([c['type'] for c in got['columns']] == ['STRING', 'STRING', 'STRING',
    'LONG', 'LONG'] or got['columns'][3]['type'] == 'LONG', 'its columns', got)
ok(any('先頭の 0' in n['message_ja'] and 'zero' in n['message'] for n in
    got['notes']), 'what was mended, in both languages', got)
ok(rows('public-toilets') is None, 'nothing changed')
status, got = send(LIST.encode())
ok(status == 201 and not got['dry_run'], 'taken', got)
ok([r['名称'] for r in rows('public-toilets') or []] == ['駅前トイレ',
    '港トイレ'], 'and served at once')
ok((rows('public-toilets-by-id?id=2') or [{}])[0].get('女性トイレ総数') ==
    1200, 'one row by its ID')
got = m.call('GET', '/machilink/adapter/services')
ok('public-toilets' in json.dumps(got[1]), 'the interface lists it', got)
status, got = send(LIST.replace('港', 'みなと').encode())
ok(status == 201 and rows('public-toilets')[1]['名称'] == 'みなとトイレ',
    'sent again, its rows are replaced', got)
status, got = send(b'a,b\n1,2\n3\n', name='wrong')
ok(status == 400 and 'line 3' in got['error']['message'] and '3 行目' in
    got['error']['message_ja'], 'refused with the line', got)
status, got = send(b'a,b\n1,2\n', name='Not A Name')
ok(status == 400 and 'Not A Name' in got['error']['message_ja'],
    'a name that is none', got)
status, got = send(b'a,b\n1,2\n', title='x')
ok(status == 400, 'no name at all', got)
m.stop()
labkit.done()
