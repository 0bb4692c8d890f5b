#!/usr/bin/env python3
# Backups of a running center through X-Road's interface and the command line:
# made while it changes, put back, refused when foreign, changed or cut off;
# killed with a restore waiting; the daily one; and what a caller may do.
import os, re, signal, subprocess, sys, threading, time, urllib.error
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + '/../lab')
import labkit
from labkit import BIN, at, ok

labkit.begin()
IP = '127.42.0.2'


def run(*argv):
    p = subprocess.run([BIN, *argv], capture_output=True, text=True, timeout=60,
        env=dict(os.environ, LC_ALL='C.UTF-8'))
    return p.returncode, p.stdout + p.stderr


class Center(labkit.Machine):
    def __init__(self, name, more=''):
        self.data = at(name, 'data')
        port = [labkit.free_port(IP) for _ in range(4)]
        super().__init__(name, '[machilink]\nroles = center, dashboard\n'
            'data-dir = %s\nlanguage = en\n%s\n[signer]\nautologin-file = '
            '%s/pin\n[center]\nlisten-address = %s\nhttp-port = %d\n'
            'registration-port = %d\nmanagement-port = %d\n'
            'management-listen-address = %s\n[proxy-ui-api]\n'
            'listen-address = %s\nlisten-port = %d\n' % (self.data, more,
            at(name), IP, port[0], port[1], port[2], IP, IP, port[3]),
            'https://%s:%d' % (IP, port[3]))

    def classes(self):
        """The member classes, as soon as it answers."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                status, list_ = self.call('GET', '/member-classes')
                if status == 200:
                    return {x['code'] for x in list_}
            except (OSError, urllib.error.URLError):
                pass
        return None

    def add(self, code):
        return self.call('POST', '/member-classes',
            {'code': code, 'description': code})[0]

    def until(self, want):
        """A restore is complete when the service has started again."""
        limit = time.monotonic() + 120
        have = None
        while time.monotonic() < limit:
            have = self.classes()
            if have == want:
                break
        return have


def code_of(answer):
    return answer[0], labkit.code_of(answer[1])


c = Center('first')
c.start()
status, answer = c.call('POST', '/backups')
ok((status, answer['error']['code']) == (400, 'backup_generation_failed'),
    'nothing to back up before initialisation', answer)
status, answer = c.call('POST', '/initialization', {
    'instance_identifier': 'BK', 'central_server_address': 'center.example',
    'software_token_pin': 'Secret-1234'})
ok(status < 300, 'initialised', answer)
ok(c.add('GOV') == 201, 'a member class')
status, one = c.call('POST', '/backups')
ok(status == 201 and re.fullmatch(r'conf_backup_\d{8}-\d{6}\.mlbackup',
    one['filename']) and re.fullmatch(r'[\d-]{10}T[\d:.]{12}Z',
    one['created_at']), 'a backup', one)
name = one['filename']
status, ext = c.call('POST', '/backups/ext')
ok(status == 201 and ext['local_conf_present'] is False, 'with ext', ext)
status, many = c.call('GET', '/backups')
ok([x['filename'] for x in many] == [ext['filename'], name], 'the list', many)
status, content = c.call('GET', '/backups/%s/download' % name, raw=True)
ok(status == 200 and content[:8] == b'MLBACKUP', 'the file')
ok(b'Secret' not in content and b'SQLite' not in content, 'shows nothing')

# ---- while it changes ----
stop, made = threading.Event(), []


def writer():
    n = 0
    while not stop.is_set() and n < 150:
        if c.add('W%d' % n) == 201:
            made.append('W%d' % n)
        n += 1


t = threading.Thread(target=writer)
t.start()
busy = []
for i in range(3):
    before = len(made)
    while len(made) == before and t.is_alive():
        pass
    code, out = run('backup', 'create', '--config', c.ini)
    busy.append(out.strip())
    ok(code == 0 and os.path.exists(out.strip()), 'made under writes', out)
stop.set()
t.join()
for path in busy:
    code, out = run('backup', 'verify', path, '--config', c.ini)
    ok(code == 0 and 'center BK' in out and 'databases' in out, 'good', out)

# ---- refusals leave everything as it is ----
whole = {'GOV', *made}
ok(c.classes() == whole, 'what there is now')
ok(code_of(c.call('PUT', '/backups/nothing.mlbackup/restore')) ==
    (404, 'backup_file_not_found'), 'a restore of nothing')
for bad in ('..%2fbackup.key', '%2e%2e%2fbackup.key', '.x.mlbackup', 'lock'):
    ok(c.call('GET', '/backups/%s/download' % bad)[0] in (400, 404), bad)
    ok(c.call('DELETE', '/backups/' + bad)[0] in (400, 404), 'DELETE ' + bad)
for bad in ('../x.mlbackup', 'x.gpg', '.x.mlbackup', 'a b.mlbackup'):
    ok(code_of(c.call('POST', '/backups/upload', form={'file': (bad,
        content)})) == (400, 'invalid_filename'), 'upload as ' + bad)
ok(code_of(c.call('POST', '/backups/upload', form={'file': ('x.mlbackup',
    b'PK')})) == (400, 'invalid_backup_file'), 'upload of something else')
status, answer = c.call('POST', '/backups/upload',
    form={'file': (name, content)})
ok(status == 400 and answer['error']['code'] == 'warnings_detected' and
    answer['warnings'] == [{'code': 'warning_file_already_exists',
    'metadata': [name]}], 'an existing name', answer)
ok(c.call('POST', '/backups/upload?ignore_warnings=true',
    form={'file': (name, content)})[0] == 201, 'is replaced when so told')
half = bytearray(content)
half[len(half) // 2] ^= 1
for what, text in (('changed', bytes(half)), ('cut', content[:-100]),
        ('short', content[:len(content) // 2]), ('longer', content + b'x')):
    ok(c.call('POST', '/backups/upload', form={'file': (what + '.mlbackup',
        text)})[0] == 201, what + ' is stored')
    status, answer = c.call('PUT', '/backups/%s.mlbackup/restore' % what)
    ok((status, answer['error']['code']) == (400, 'restore_process_failed'),
        what + ' is not restored', answer)
    ok(run('backup', 'verify', os.path.join(c.data, 'backup',
        what + '.mlbackup'), '--config', c.ini)[0] == 1, 'nor verified')
ok(c.classes() == whole, 'nothing has changed')

# ---- back again, live ----
pid = c.process.pid
status, answer = c.call('PUT', '/backups/%s/restore' % name)
ok(status == 200 and answer == {'hsm_tokens_logged_out': False}, 'restored',
    answer)
have = c.until({'GOV'})
ok(have == {'GOV'}, 'the state of the backup is back', (have, c.log()))
ok(c.process.poll() is None and c.process.pid == pid, 'in the same process')
kept = [x['filename'] for x in c.call('GET', '/backups')[1]]
ok(any(x.startswith('before-restore-') for x in kept),
    'what was replaced is kept', kept)
ok(c.call('DELETE', '/backups/changed.mlbackup')[0] == 204, 'deleted')
ok(code_of(c.call('DELETE', '/backups/changed.mlbackup')) ==
    (404, 'backup_file_not_found'), 'only once')

# ---- killed while a restore waits ----
code, out = run('backup', 'restore', busy[0], '--config', c.ini)
ok(code == 0 and 'restarted' in out, 'waits for the running service', out)
ok(c.classes() == {'GOV'}, 'which goes on')
c.end(signal.SIGKILL)
c.start()
have = c.classes()
ok(have and 'GOV' in have and have < whole and len(have) > 1,
    'after the kill it is all there', have)
ok(not os.path.exists(os.path.join(c.data, 'restore')), 'nothing is left over')

# ---- who may do what ----
perms = c.call('GET', '/user/permissions')[1]
ok('BACKUP_CONFIGURATION' in perms and 'ADD_NEW_MEMBER' in perms and
    'ADD_CLIENT' not in perms and len(perms) == len(set(perms)),
    'permissions of a center', perms)
ok(c.call('GET', '/user')[1]['permissions'] == perms, 'also by /user')
officer = c.new_key('--roles', 'XROAD_SECURITY_OFFICER')
perms = c.call('GET', '/user/permissions', key=officer)[1]
ok('BACKUP_CONFIGURATION' not in perms and 'ADD_MEMBER_CLASS' in perms,
    'of an officer', perms)
ok(c.call('POST', '/backups', key=officer)[0] == 403, 'who makes no backups')
ok(c.call('GET', '/backups', key=officer)[0] == 403, 'and sees none')
ok(c.call('PUT', '/language/ja') == (200, {'id': 'ja'}), 'a language')
ok(c.call('PUT', '/language/xx')[0] == 400, 'one that is not there')
ok(c.call('GET', '/openapi.yaml')[0] == 200, 'the interface describes itself')
c.end()
ok(c.process.returncode == 0, 'ends cleanly', c.log())

# ---- another machine ----
d = Center('second', 'backup-passphrase-file = ' + at('words'))
labkit.spew('words', 'many words make it long\n')
code, out = run('backup', 'restore', busy[0], '--config', d.ini)
ok(code == 1 and 'no identity yet' in out, 'a new machine needs --force', out)
code, out = run('backup', 'restore', busy[0], '--config', d.ini, '--force')
ok(code == 1 and 'key' in out, 'and the key', out)
code, out = run('backup', 'restore', busy[0], '--config', d.ini, '--force',
    '--key-file', os.path.join(c.data, 'backup.key'))
ok(code == 0 and 'restored' in out, 'then it is that machine', out)
ok(os.path.exists(os.path.join(d.data, 'restored/machilink.ini')),
    'the configuration file is laid beside')
d.key = c.key  # accounts come with the backup
d.start()
ok(d.classes() == have, 'with everything', d.log())
status, two = d.call('POST', '/backups')
ok(status == 201, 'its own backup', two)
d.end()
ok(d.process.returncode == 0, 'it ends cleanly', d.log())
e = Center('third', 'backup-passphrase-file = %s/words\n'
    '[configuration-client]\nproxy-configuration-backup-cron = 1' % at())
path = os.path.join(d.data, 'backup', two['filename'])
code, out = run('backup', 'verify', path, '--config', e.ini)
ok(code == 0, 'the passphrase opens it anywhere', out)
e.start()
status, answer = e.call('POST', '/initialization', {
    'instance_identifier': 'XX', 'central_server_address': 'center.example',
    'software_token_pin': 'Secret-1234'})
ok(status < 300, 'a center of another instance', answer)
with open(path, 'rb') as f:
    text = f.read()
status, answer = e.call('POST', '/backups/upload',
    form={'file': ('d.mlbackup', text)})
ok(status == 400 and answer['warnings'][0]['code'] ==
    'warning_backup_of_another_server', 'is warned of it', answer)
ok(e.call('POST', '/backups/upload?ignore_warnings=true',
    form={'file': ('d.mlbackup', text)})[0] == 201, 'may keep it')
status, answer = e.call('PUT', '/backups/d.mlbackup/restore')
ok(status == 400 and 'center BK' in answer['error']['metadata'][0],
    'but not become it', answer)

# ---- by itself ----
limit, auto = time.monotonic() + 180, []
while not auto and time.monotonic() < limit:
    auto = [x for x in e.call('GET', '/backups')[1]
            if x['filename'].startswith('automatic-backup-')]
ok(auto, 'an automatic backup', e.log())
e.end()
ok(e.process.returncode == 0, 'and ends', e.log())
labkit.done()
