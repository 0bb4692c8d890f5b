#!/usr/bin/env python3
# schemathesis against both administration interfaces of a running network,
# held to X-Road's own OpenAPI documents: no status that they do not have, no
# answer that breaks a schema, no 500, wrong data refused, no method and no
# caller let in by mistake. What differs from the documents is in the tables
# below, each with its reason. Short with a fixed seed here, long in `make soak`.
import json, os, re, signal, subprocess, sys, urllib.error, urllib.request
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, TLS, at, ok, skip

BUILD = os.environ.get('BUILD_DIR', 'build/release')
HERE = os.path.dirname(os.path.abspath(__file__))
SPECS = os.path.join(labkit.VECTORS, 'x-road/openapi')
SOAK = os.environ.get('MACHILINK_SOAK')
SEED = os.environ.get('MACHILINK_SEED', '1' if not SOAK else str(os.getpid()))
EXAMPLES = os.environ.get('MACHILINK_EXAMPLES', '50' if SOAK else '4')
NET = os.environ.get('MACHILINK_NET', '127.17.8')
SECONDS = 3600 if SOAK else 500  # of one run: more is a failure


# ---- what X-Road answers beyond its documents ----
# src/ is X-Road 7.8.0's; ADMIN src/security-server/admin-service/application/
# src/main/java/org/niis/xroad/securityserver/restapi, CS src/central-server.
ANYWHERE = {
    # Http401AuthenticationEntryPoint: any operation without credentials
    401: 'nobody is signed in',
    # SpringInternalExceptionHandler and Spring's own dispatch before it
    405: 'another method', 406: 'Accept', 415: 'another type of body',
    # LimitRequestSizesFilter, IpThrottlingFilter
    413: 'too large', 429: 'too many',
    # ApplicationExceptionHandler: a parameter or body that breaks a rule of
    # the document is ConstraintViolationException or MethodArgumentNotValid
    400: 'not valid',
}
SERVER = {
    # ActionNotPossibleException is a ConflictException (service/
    # ActionNotPossibleException.java), and so are the refusals beside it
    'PUT /clients/{id}/disable': [409], 'PUT /clients/{id}/enable': [409],
    'PUT /clients/{id}/register': [409], 'PUT /clients/{id}/rename': [409],
    'PUT /clients/{id}/unregister': [409],
    'PUT /clients/{id}/make-owner': [409],
    'DELETE /clients/{id}': [409], 'DELETE /clients/{id}/orphans': [409],
    'PUT /token-certificates/{hash}/activate': [409],
    'PUT /token-certificates/{hash}/disable': [409],
    'PUT /token-certificates/{hash}/register': [409],
    'PUT /token-certificates/{hash}/unregister': [409],
    'PUT /token-certificates/{hash}/mark-for-deletion': [409],
    'DELETE /token-certificates/{hash}': [409],
    'PATCH /tokens/{id}': [409], 'DELETE /tokens/{id}': [409],
    'PUT /tokens/{id}/pin': [409], 'PUT /tokens/{id}/login': [409],
    'PUT /tokens/{id}/logout': [409],
    'POST /tokens/{id}/keys': [409], 'PATCH /keys/{id}': [409],
    'DELETE /keys/{id}': [409], 'POST /keys/{id}/csrs': [409],
    'DELETE /keys/{id}/csrs/{csr_id}': [409],
    'PUT /system/server-address': [409],
    'PUT /system/maintenance-mode/enable': [409],
    'PUT /system/maintenance-mode/disable': [409],
    # TokensApiController, TokenCertificatesApiController: not what the
    # document says
    'POST /tokens/{id}/keys-with-csrs': [200],
    # ServiceDescriptionsApiController: 200, the document says 204
    'PUT /service-descriptions/{id}/enable': [200],
    'PUT /service-descriptions/{id}/disable': [200],
    # NotFoundException of a CA or key that is not there
    'GET /certificate-authorities/{ca_name}/has-acme-eab-credentials': [404],
    'POST /certificate-authorities/{ca_name}/acme-order': [401, 404],
    # @PreAuthorize without the document saying so
    'GET /mail/mail-notification-status': [403],
    'PUT /mail/send-test-mail': [403],
}
CENTER = {
    # InitializationApiController, SigningKeysApiController: ResponseEntity.ok
    'POST /initialization': [200, 409],
    'POST /configuration-sources/{configuration_type}/signing-keys':
        [200, 409],
    # NotFoundException (CS/admin-service/core/.../service): what the path
    # names is not there
    'GET /configuration-sources/{configuration_type}/configuration-parts':
        [404],
    'POST /configuration-sources/{configuration_type}/configuration-parts':
        [404],
    'GET /configuration-sources/{configuration_type}/configuration-parts/'
    '{content_identifier}/{version}/download': [404],
    'GET /configuration-sources/{configuration_type}/anchor': [404],
    'GET /configuration-sources/{configuration_type}/anchor/download': [404],
    'GET /configuration-sources/{configuration_type}/download-url': [404],
    'PUT /configuration-sources/{configuration_type}/anchor/re-create': [404],
    'GET /global-groups/{group_code}/members/filter-model': [404],
    'POST /global-groups/{group_code}/members': [404],
    'GET /management-requests/{management_request_id}': [404],
    'POST /certification-services/{certification_service_id}/'
    'intermediate-cas': [404],
    'GET /timestamping-services/{timestamping_service_id}': [404],
    'GET /members/{member_id}/global-groups': [404],
    'GET /members/{member_id}/owned-servers': [404],
    'GET /members/{member_id}/used-servers': [404],
    'PUT /system/server-address': [409],
    # ConflictException of the same services
    'POST /certification-services': [409],
    'POST /trusted-anchors': [409],
    'DELETE /member-classes/{code}': [409],
    'DELETE /members/{member_id}': [409],
    'DELETE /signing-keys/{sign_key_id}': [409],
    'PUT /signing-keys/{sign_key_id}/activate': [409],
    'PATCH /management-services-configuration': [409],
    'POST /management-services-configuration/register-provider': [409],
    'POST /management-services-configuration/upload-certificate': [409],
    'DELETE /security-servers/{server_id}': [409],
    'DELETE /subsystems/{subsystem_id}': [409],
    'DELETE /subsystems/{subsystem_id}/servers/{server_id}': [409],
}
# Our own operations on paths of the documents, beyond their methods: the
# server takes PUT for PATCH, the center tells its keys and a server's clients
OURS = {('PUT', r'/clients/[^/]+$'),
        ('GET', r'/configuration-sources/[^/]+/signing-keys$'),
        ('HEAD', r'/configuration-sources/[^/]+/signing-keys$'),
        ('POST', r'/security-servers/[^/]+/clients$'),
        ('DELETE', r'/system/timestamping-services$')}
# 500 by intent: ManagementRequestSendingFailedException is an
# InternalServerErrorException, and a request that nobody takes is told so
FAILS = {'management_request_sending_failed'}


# ---- the documents, as schemathesis shall read them ----
ERROR = {
    'CodeWithDetails': {'type': 'object', 'required': ['code'], 'properties': {
        'code': {'type': 'string', 'minLength': 1},
        'metadata': {'type': 'array', 'items': {'type': 'string'}},
        'validation_errors': {'type': 'object', 'additionalProperties': {
            'type': 'array', 'items': {'type': 'string'}}}}},
    'ErrorInfo': {'type': 'object', 'required': ['status'], 'properties': {
        'status': {'type': 'integer'},
        'error': {'$ref': '#/components/schemas/CodeWithDetails'},
        'warnings': {'type': 'array', 'items':
            {'$ref': '#/components/schemas/CodeWithDetails'}}}},
    'User': {'type': 'object', 'required': ['username', 'roles', 'permissions'],
        'properties': {'username': {'type': 'string'},
            'roles': {'type': 'array', 'items': {'type': 'string'}},
            'permissions': {'type': 'array', 'items': {'type': 'string'}}}},
}


def walk(x, visit):
    if isinstance(x, dict):
        visit(x)
        for v in list(x.values()):
            walk(v, visit)
    elif isinstance(x, list):
        for v in x:
            walk(v, visit)


def relax(schemas):
    """Schemas that X-Road's own answers do not fulfil either."""
    # CertificateDetailsConverter: "" without alternative names, no rsa_ of an
    # EC key; a signature of 2048 bits has 512 digits
    d = schemas['CertificateDetails']
    d['properties']['signature'].pop('maxLength')
    d['properties']['subject_alternative_names'].pop('minLength')
    d['required'] = [x for x in d['required'] if not x.startswith('rsa_')]
    if 'TokenCertificate' in schemas:
        # KeyConverter: a label that was not given is "";
        # TokenCertificateConverter: nobody owns an authentication certificate
        schemas['Key']['properties']['name'].pop('minLength', 0)
        schemas['Key']['properties']['label'].pop('minLength', 0)
        schemas['TokenCertificate']['properties']['owner_id'].pop(
            'minLength', 0)
        # ConnectionStatusConverter: no error where there is none
        schemas['ConnectionStatus']['required'].remove('error')
        # four pieces of 255 characters are longer than 255
        schemas['ServiceDescription']['properties']['client_id'].pop(
            'maxLength', 0)
    if 'ConfigurationPart' in schemas:
        # a part that nobody uploaded has no time
        schemas['ConfigurationPart']['required'].remove('file_updated_at')
    for s in schemas.values():  # names that have no property: PagedClients ...
        if 'required' in s and 'allOf' not in s:
            s['required'] = [x for x in s['required']
                             if x in s.get('properties', {})]


def requests_of(spec):
    """Bodies get schemas of their own: what is true of requests alone."""
    schemas = spec['components']['schemas']

    def request(s):
        ref = s.get('$ref', '')
        name = ref.split('/')[-1]
        if ref.startswith('#/components/schemas/') and \
                not name.startswith('Request-'):
            copy = 'Request-' + name
            if copy not in schemas:
                schemas[copy] = json.loads(json.dumps(schemas[name]))
                walk(schemas[copy], request)
            s['$ref'] = '#/components/schemas/' + copy
        # descriptions are Japanese in Japan: the document has ASCII alone
        if str(s.get('pattern', '')).startswith('^[a-zA-Z0-9-_,'):
            s.pop('pattern')
        # Jackson takes null for what may be absent
        for key, p in s.get('properties', {}).items():
            if isinstance(p, dict) and key not in s.get('required', []):
                if '$ref' in p:
                    p['allOf'] = [{'$ref': p.pop('$ref')}]
                p['nullable'] = True
    for ops in spec['paths'].values():
        for op in ops.values():
            if isinstance(op, dict) and 'requestBody' in op:
                walk(op['requestBody'], request)

    def japanese(s):
        if str(s.get('pattern', '')).startswith('^[a-zA-Z0-9-_,'):
            s.pop('pattern')
    walk(spec, japanese)


def prepare(name, more, unavailable):
    spec = yaml.safe_load(open(os.path.join(SPECS, name + '.yaml')))
    schemas = spec['components']['schemas']
    schemas.update({k: v for k, v in ERROR.items() if k in schemas})
    relax(schemas)
    requests_of(spec)
    for path, ops in spec['paths'].items():
        for method, op in ops.items():
            if not isinstance(op, dict):
                continue
            label = method.upper() + ' ' + path
            answers = op['responses']
            for r in answers.values():  # files that are not there
                for c in r.get('content', {}).values():
                    c.pop('examples', None)
                    if c['schema'].get('format') == 'binary':
                        c.pop('schema')  # a file, whatever is in it
            if path == '/openapi.yaml':  # ApiWebSecurityConfig leaves it out
                op['security'] = []
            extra = list(ANYWHERE) + more.get(label, [])
            extra += [501] if label in unavailable else []
            for status in extra:
                answers.setdefault(str(status), {'description': 'see above'})
            if method == 'get' and path.endswith(('csrs/{csr_id}',)):
                # KeysApiController: 200, the document says 201
                answers.setdefault('200', answers['201'])
    file = at(name + '.json')
    json.dump(spec, open(file, 'w'), default=str)
    return file, sum(isinstance(o, dict) for ops in spec['paths'].values()
                     for o in ops.values())


# ---- the tool ----
labkit.need_program()
if not os.path.exists(os.path.join(SPECS, 'security-server.yaml')):
    skip('no specifications in ' + SPECS)
VENV = os.path.join(os.path.dirname(os.path.abspath(BUILD)), 'test-venv')
if not os.path.exists(VENV + '/.done'):
    skip('no schemathesis: make test-tools installs it')
if sys.prefix != VENV:  # yaml comes with the tool
    os.execv(os.path.join(VENV, 'bin', 'python'),
        [os.path.join(VENV, 'bin', 'python'), os.path.abspath(__file__)])
import yaml

labkit.begin()
lab = labkit.Lab(NET, '--lang', 'en')
state, base = lab.state, lab.base


def get(who, path):
    q = urllib.request.Request(base(who) + '/api/v1' + path, headers={
        'Authorization': 'X-Road-ApiKey token=' + state[who]['key']})
    try:
        return json.load(urllib.request.urlopen(q, context=TLS, timeout=30))
    except urllib.error.HTTPError as e:
        return {'status': e.code}
    except Exception as e:
        return {'status': str(e)}


def coverage():
    text = subprocess.run([BIN, 'api', 'coverage', '--json'],
        stdout=subprocess.PIPE, text=True).stdout
    return [x for x in json.loads(text) if x['state'] != 'answers']


def hooks(unavailable):
    """Our own judgement of errors, in the words of the tables above."""
    file = at('hooks.py')
    with open(file, 'w') as f:
        f.write('OURS = %r\nFAILS = %r\nUNAVAILABLE = %r\n'
            % (OURS, FAILS, unavailable))
        f.write(open(os.path.join(HERE, 'schemathesis_hooks.py')).read())
    return file


CHECKS = ('status_code_conformance,content_type_conformance,'
    'response_schema_conformance,response_headers_conformance,'
    'wrong_data,ignored_auth,clear_error,undeclared_method')


def figures(report):
    """(cases, operations that were asked for something)"""
    cases, seen = 0, set()
    for line in open(report):
        r = json.loads(line).get('ScenarioFinished', {}).get('recorder', {})
        n = len(r.get('interactions', {}))
        cases += n
        if n:
            seen.add(r.get('label'))
    return cases, seen


def run(who, what, file, environment, filters):
    report = at(what.replace(' ', '-') + '.ndjson')
    config = at('st.toml')
    with open(config, 'w') as f:
        f.write('[output.sanitization]\nenabled = false\n')
    try:
        p = subprocess.run([os.path.join(VENV, 'bin', 'schemathesis'),
            '--config-file', config, 'run', file, '--url',
            base(who) + '/api/v1', '--tls-verify=false', '--header',
            'Authorization: X-Road-ApiKey token=' + state[who]['key'],
            '--phases', 'examples,coverage,fuzzing', '-n', EXAMPLES, '--seed',
            SEED, '--checks', CHECKS, '--no-color', '--generation-database',
            'none', '--continue-on-failure', '--warnings', 'off',
            '--report', 'ndjson', '--report-ndjson-path', report,
            '--suppress-health-check', 'all'] + filters,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS, cwd=at(),
            env=dict(os.environ, **environment))
    except subprocess.TimeoutExpired as e:
        return ok(False, what + ': ends in time', (e.stdout or b'')[-2000:])
    cases, seen = figures(report) if os.path.exists(report) else (0, set())
    start = p.stdout.find('= FAILURES =')
    if start < 0:
        start = p.stdout.find('= ERRORS =')
    ok(p.returncode == 0, '%s: %d operations, %d cases, seed %s'
        % (what, len(seen), cases, SEED), p.stdout[start:][:6000])
    return seen


def api(who, name, more, kind, leave):
    """All but what ends the network first, then what changes most."""
    lacking = ['%s %s' % (x['method'], x['path']) for x in coverage()
               if x['api'] == kind]
    document(who, name, lacking)
    file, total = prepare(name, more, lacking)
    environment = {'SCHEMATHESIS_HOOKS': hooks(lacking)}
    last = r'/(logout|unregister|disable|make-owner|mark-for-deletion' \
        r'|server-address|pin|maintenance-mode/\w+|re-create|activate)$'
    never = '|'.join('(%s)' % x for x in leave)
    seen = run(who, name, file, environment, ['--exclude-method', 'DELETE',
        '--exclude-path-regex', '%s|%s' % (last, never)])
    more_seen = run(who, name + ', last', file, environment,
        ['--include-method', 'DELETE', '--exclude-path-regex', never])
    third = run(who, name + ', end', file, environment, ['--include-path-regex',
        last, '--exclude-method', 'DELETE'])
    health = get(who, '/machilink/health')
    ok('roles' in health, name + ': the machine still answers', health)
    if isinstance(seen, set) and isinstance(more_seen, set) \
            and isinstance(third, set):
        print('# %d of %d operations; %d are unavailable and answer 501: %s'
            % (len(seen | more_seen | third), total, len(lacking),
               ', '.join(lacking) or 'none'))


def document(who, name, lacking):
    """Our own description: without a key, whole, and of what is served."""
    q = urllib.request.urlopen(base(who) + '/api/v1/openapi.yaml', context=TLS)
    ours = yaml.safe_load(q.read())
    theirs = yaml.safe_load(open(os.path.join(SPECS, name + '.yaml')))

    def operations(spec):
        return {(m, re.sub(r'\{[^}]*\}', '{}', p))
                for p, ops in spec['paths'].items()
                for m, o in ops.items() if isinstance(o, dict)}
    lacks = operations(theirs) - operations(ours) - {
        (m.lower(), re.sub(r'\{[^}]*\}', '{}', p))
        for m, p in (x.split(' ', 1) for x in lacking)}
    ok(not lacks, name + ': openapi.yaml has every operation', lacks)


# Not asked for at all: a restore starts the service again, as it should.
LEAVE = [r'/backups/[^/]+/restore$']
api('town', 'security-server', SERVER, 'security-server', LEAVE)
api('center', 'central-server', CENTER, 'center', LEAVE)
for who in ('center', 'town', 'company'):
    log = open(os.path.join(lab.dir, who, 'machilink.log'),
        errors='replace').read()
    bad = [x for x in log.splitlines()
           if re.search(r'Sanitizer|assert|panic|internal_error', x)]
    ok(not bad, who + ': nothing in the log that we did wrong',
        '\n'.join(bad[:20]))
    output = os.path.join(lab.dir, who, 'output')
    text = open(output, errors='replace').read() \
        if os.path.isfile(output) else ''
    ok('Sanitizer' not in text, who + ': no sanitizer spoke', text[-3000:])
ok(lab.process.poll() is None, 'the network is up at the end')
lab.process.send_signal(signal.SIGTERM)
ok(lab.process.wait(timeout=60) == 0, 'and ends as it is told')
labkit.done()
