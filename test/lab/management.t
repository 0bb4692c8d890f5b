#!/usr/bin/env python3
# Management requests of real servers over X-Road, one after the other: the
# company renames, disables, enables and removes its subsystem, moves, goes into
# maintenance; the center's records and both sides' states are looked at.
import os, signal, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import code_of, eventually, ok

labkit.begin()
lab = labkit.Lab('127.38.9')
state, call = lab.state, lab.call


def want(status, who, method, path, body=None, code=None):
    got, answer = call(who, method, path, body)
    ok(got == status and code in (None, code_of(answer)), '%s %s %s: %d %s'
        % (who, method, path, status, code or ''), '%s %r' % (got, answer))
    return answer


def wait(who, path, check, what):
    got = eventually(40, lambda: call(who, 'GET', path)[1], check)
    return ok(check(got), what, got)


FIRM = 'LAB:COM:2010401999001'
CLIENT = FIRM + ':logistics'
SERVER = '/security-servers/%s:company-ss1' % FIRM
at = '/clients/' + CLIENT


def status(value):
    wait('company', at, lambda j: j.get('status') == value, 'it is ' + value)


# what the diagnostics try: the registration service, another server
TOWN = 'LAB:GOV:9000020994014'
LINK = (200, {'status_class': 'OK'})
got = call('company', 'GET', '/diagnostics/auth-cert-req-status')
ok(got == LINK, 'the registration service is reached', got)
for kind in ('REST', 'SOAP'):
    peer = ('/diagnostics/other-security-server-status?protocol_type=%s'
        '&client_id=%s&target_client_id=%s:opendata&security_server_id='
        '%s:town-ss1' % (kind, CLIENT, TOWN, TOWN))
    got = call('company', 'GET', peer)
    ok(got == LINK, 'the town is reached by ' + kind, got)
want(409, 'company', 'DELETE', at, code='action_not_possible')
want(204, 'company', 'PUT', at + '/rename', {'client_name': 'New name'})
wait('company', at, lambda j: j.get('subsystem_name') == 'New name' and
    'rename_status' not in j, 'the new name is shown')
want(409, 'company', 'PUT', at + '/rename', {'client_name': 'New name'},
    'invalid_client_name')
want(409, 'company', 'PUT', at + '/enable', code='action_not_possible')
want(204, 'company', 'PUT', at + '/disable')
status('DISABLED')
want(204, 'company', 'PUT', at + '/enable')
status('REGISTERED')
want(400, 'company', 'PUT', '/clients/%s/register' % FIRM,
    code='cannot_register_owner')
want(409, 'company', 'PUT', '/clients/%s/unregister' % FIRM,
    code='cannot_unregister_owner')
want(400, 'company', 'PUT', '/clients/%s/make-owner' % FIRM,
    code='member_already_owner')
want(409, 'town', 'PUT', '/clients/LAB:ORG:5010001999002:MANAGEMENT/disable',
    code='forbidden_disable_management_service_client')
want(404, 'company', 'PUT', '/clients/LAB:COM:1:x/register',
    code='client_not_found')

address = '/system/server-address'
home = state['company']['address']
ok(want(200, 'company', 'GET', address).get('current_address')
    == {'address': home}, 'the address as registered')
want(409, 'company', 'PUT', address, {'address': home},
    'same_address_change_request')
want(202, 'company', 'PUT', address, {'address': 'localhost'})
wait('company', address, lambda j: j == {'current_address':
    {'address': 'localhost'}}, 'the new address is in force')
ok(call('center', 'GET', SERVER)[1]['server_address'] == 'localhost',
    'at the center too')
want(202, 'company', 'PUT', address, {'address': home})

mode = '/system/maintenance-mode'
want(409, 'town', 'PUT', mode + '/enable', {},
    'forbidden_enable_maintenance_mode_for_management_service')
want(409, 'company', 'PUT', mode + '/disable',
    code='already_disabled_maintenance_mode')
want(204, 'company', 'PUT', mode + '/enable', {'message': 'Back at noon'})
wait('company', mode, lambda j: j.get('status') == 'ENABLED_MAINTENANCE_MODE'
    and j.get('message') == 'Back at noon', 'maintenance, with its words')
want(204, 'company', 'PUT', mode + '/disable')
wait('company', mode, lambda j: j.get('status') == 'DISABLED_MAINTENANCE_MODE',
    'back again')

# the town's server changes its owner: the company becomes one more member there
want(201, 'town', 'POST', '/clients', {'client': {'member_class': 'COM',
    'member_code': '2010401999001', 'connection_type': 'HTTP'},
    'ignore_warnings': True})
made = call('town', 'POST', '/tokens/0/keys-with-csrs', {'key_label': 'k',
    'csr_generate_request': {'key_usage_type': 'SIGNING', 'ca_name': 'LAB',
    'csr_format': 'PEM', 'member_id': FIRM, 'subject_field_values': {'C': 'JP',
    'O': 'Port', 'businessCategory': 'COM', 'serialNumber': '2010401999001',
    'CN': 'Port'}}})[1]
csr = call('town', 'GET', '/keys/%s/csrs/%s?csr_format=PEM'
    % (made['key']['id'], made['csr_id']))[1].decode()
pem = call('center', 'POST', '/machilink/certificates', {'csr': csr, 'usage':
    'SIGNING', 'member_id': FIRM})[1]['certificate']
ok(call('town', 'POST', '/token-certificates', pem.encode())[0]
    == 201, 'a second member signs there')
want(409, 'town', 'PUT', '/clients/%s/make-owner' % FIRM,
    code='action_not_possible')
want(204, 'town', 'PUT', '/clients/%s/register' % FIRM)
wait('town', '/clients/' + FIRM, lambda j: j.get('status') == 'REGISTERED',
    'it is a client of that server')
want(204, 'town', 'PUT', '/clients/%s/make-owner' % FIRM)
waiting = call('center', 'GET', '/management-requests?status=WAITING')[1]
ok([x['type'] for x in waiting['items']] == ['OWNER_CHANGE_REQUEST'],
    'an operator decides', waiting)
want(200, 'center', 'POST', '/management-requests/%d/approval'
    % waiting['items'][0]['id'])
wait('town', '/clients/' + FIRM, lambda j: j.get('owner') is True,
    'the server has a new owner')
wait('town', '/clients/LAB:GOV:9000020994014', lambda j: j.get('status') ==
    'REGISTERED' and j.get('owner') is False, 'the old one is a client')
# what it can do as owner: the request is addressed and signed by the new one
want(409, 'town', 'PUT', address, {'address': state['town']['address']},
    'same_address_change_request')

want(204, 'company', 'PUT', at + '/unregister')
status('DELETION_IN_PROGRESS')
ok(all(x['client_id'].get('subsystem_code') != 'logistics' for x in
    call('center', 'GET', SERVER + '/clients')[1]), 'gone at the center')
keys = call('company', 'GET', '/tokens/0')[1]['keys']
cert = [c for k in keys if k['usage'] == 'AUTHENTICATION'
        for c in k['certificates']][0]['certificate_details']['hash']
want(204, 'company', 'PUT', '/token-certificates/%s/unregister' % cert)
want(409, 'company', 'PUT', '/token-certificates/%s/unregister' % cert,
    code='action_not_possible')
ok(call('center', 'GET', SERVER + '/authentication-certificates')[1] == [],
    'its certificate is gone too')

got = call('center', 'GET', '/management-requests?limit=100')[1]['items']
sent = {x['type'] for x in got if x['origin'] == 'SECURITY_SERVER'
        and x['status'] == 'APPROVED'}
ok(len(sent) == 11, 'all eleven kinds came from servers', sorted(sent))
lab.process.send_signal(signal.SIGINT)
lab.process.wait(40)
labkit.done()
