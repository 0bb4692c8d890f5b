# SPDX-License-Identifier: MIT
"""What the black-box tests in Python share: TAP, a folder that goes away at the
end, machines and whole networks of the built program, their administration
interface. Standard library only. A test takes it by a path from its own place:

    sys.path.insert(0, os.path.dirname(__file__) + '/../lab')
    import labkit
    from labkit import BIN, at, ok

begin() comes first, done() last.
"""
import atexit, json, os, random, signal, socket, ssl, subprocess, sys, tempfile, time
import urllib.error, urllib.request

BIN = os.path.abspath(os.environ.get('MACHILINK', 'build/release/machilink'))
VECTORS = os.environ.get('VECTORS', '../shared/vectors')
PIN = 'Secret-1234'  # of the machines that a test describes itself
TLS = ssl._create_unverified_context()
kept = {'count': 0, 'failed': 0, 'folder': None, 'ports': set()}


# ---- TAP ----
def skip(why):
    print('1..0 # SKIP ' + why)
    sys.exit(0)


def ok(good, what, why=''):
    """One check; returns good. `why` is shown when it fails."""
    kept['count'] += 1
    print('%sok %d - %s' % ('' if good else 'not ', kept['count'], what))
    if not good:
        kept['failed'] += 1
        for line in str(why)[:6000].splitlines():
            print('# ' + line)
    sys.stdout.flush()
    return good


def done():
    """The plan and the exit status."""
    print('1..%d' % kept['count'])
    sys.exit(1 if kept['failed'] else 0)


# ---- the test's own folder ----
def begin():
    """Skips all when the program is not built; returns the folder's path."""
    need_program()
    name = os.path.splitext(os.path.basename(sys.argv[0]))[0]
    kept['folder'] = tempfile.TemporaryDirectory(prefix='machilink-%s-' % name)
    return kept['folder'].name


def need_program():
    if not os.access(BIN, os.X_OK):
        skip('%s is not built' % BIN)


def at(*names):
    """A path in the test's folder."""
    return os.path.join(kept['folder'].name, *names)


def spew(name, text):
    """Writes a file of the test's folder; returns its path."""
    with open(at(name), 'w') as f:
        f.write(text)
    return at(name)


# ---- helpers of any test ----
def eventually(seconds, get, good, pause=0.1):
    """What get() gave when good() first liked it, or last when time is up: a
    bound for the worst day, a minute at least, not what is measured."""
    until = time.monotonic() + max(seconds, 60)
    while True:
        got = get()
        if good(got) or time.monotonic() > until:
            return got
        time.sleep(pause)


def free_port(ip='127.0.0.1'):
    """A port for a server that comes later; outside of the range from which the
    kernel gives ports away, so nobody else is given it meanwhile."""
    while True:
        port = random.randrange(10240, 32240)
        with socket.socket() as s:
            try:
                if port not in kept['ports']:
                    s.bind((ip, port))
                    kept['ports'].add(port)
                    return port
            except OSError:
                pass


def openssl(*argv):
    p = subprocess.run(('openssl',) + argv, capture_output=True)
    assert p.returncode == 0, p.stderr.decode()


def asked(request, timeout=60):
    """An answer to a urllib request or address, whatever its status."""
    try:
        return urllib.request.urlopen(request, context=TLS, timeout=timeout)
    except urllib.error.HTTPError as e:
        return e


# ---- the administration interface ----
def multipart(form):
    """Values: text, a file's bytes, or (name, bytes) of a file."""
    body = b''
    for name, value in form.items():
        more = ''
        if not isinstance(value, str):
            file, value = value if isinstance(value, tuple) else ('f', value)
            more = '; filename="%s"' % file
        else:
            value = value.encode()
        body += ('--BoUnD\r\nContent-Disposition: form-data; name="%s"%s\r\n'
            '\r\n' % (name, more)).encode() + value + b'\r\n'
    return body + b'--BoUnD--\r\n', 'multipart/form-data; boundary=BoUnD'


def admin(base, key, method, path, body=None, form=None):
    """(status, media type, bytes). A body of bytes goes as it is, any other as
    JSON."""
    kind = 'application/json'
    if form is not None:
        body, kind = multipart(form)
    elif isinstance(body, bytes):
        kind = 'application/octet-stream'
    elif body is not None:
        body = json.dumps(body).encode()
    head = {'Authorization': 'X-Road-ApiKey token=' + key}
    if body is not None:
        head['Content-Type'] = kind
    a = asked(urllib.request.Request(base + '/api/v1' + path, body, head,
        method=method))
    return a.status, a.headers.get('Content-Type') or '', a.read()


def value_of(text):
    """What JSON says, None when empty, the bytes when it is no JSON."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def code_of(answer):
    """The error's code in an answer, if there is one."""
    return answer.get('error', {}).get('code') if isinstance(answer, dict) \
        else None


# ---- processes ----
def end(process, how=signal.SIGTERM, seconds=60):
    """Ends it and waits, by force in the end; returns its status."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


class Machine:
    """`machilink serve` in the folder at(name) on the file machilink.ini, which
    may name the PIN's file there, pin; url is its administration interface's
    and key what one is asked with."""
    def __init__(self, name, ini, url=None):
        self.name, self.dir, self.url = name, at(name), url
        self.process = None
        os.makedirs(self.dir)
        self.ini = spew(name + '/machilink.ini', ini)
        spew(name + '/pin', PIN + '\n')
        self.key = self.new_key() if url else None

    def new_key(self, *argv):
        return subprocess.run([BIN, 'api-key', '--config', self.ini, *argv],
            stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip()

    def start(self):
        r, w = os.pipe()
        with open(at(self.name, 'log'), 'a') as log:
            self.process = subprocess.Popen([BIN, 'serve', '--config', self.ini,
                '--ready-fd', str(w)], pass_fds=[w], stderr=log)
        atexit.register(end, self.process)
        os.close(w)
        ok(os.read(r, 6) == b'ready\n', self.name + ' is ready', self.log())
        os.close(r)

    def log(self):
        with open(at(self.name, 'log')) as f:
            return f.read()[-800:]

    def call(self, method, path, body=None, form=None, key=None, raw=False):
        """(status, value), or (status, bytes) when raw."""
        status, _, text = admin(self.url, key or self.key, method, path, body,
            form)
        return status, text if raw else value_of(text)

    def end(self, how=signal.SIGTERM):
        return end(self.process, how)

    def stop(self):
        """The end, as a check."""
        code = end(self.process)
        ok(code == 0, self.name + ' ends cleanly', '%d: %s'
            % (code, self.log()))


class Lab:
    """`machilink lab` on a net of loopback addresses, up; the test ends when it
    does not come up. `state` is what lab.json says."""
    def __init__(self, net, *argv):
        self.dir = at('lab')
        with open(at('out'), 'w') as out:
            self.process = subprocess.Popen([BIN, 'lab', '--dir', self.dir,
                '--net', net, '--without-residents', *argv], stdout=out, stderr=out)
        atexit.register(end, self.process)
        file = os.path.join(self.dir, 'lab.json')
        eventually(120, lambda: os.path.exists(file), lambda there: there or
            self.process.poll() is not None)
        if not ok(os.path.exists(file), 'the lab is up',
                open(at('out')).read()[-800:]):
            done()
        with open(file) as f:
            self.state = json.load(f)

    def base(self, who):
        return 'https://%s:%d' % (self.state[who]['address'],
            4000 + self.state['shift'])

    def call(self, who, method, path, body=None, form=None):
        """(status, value) of an administration interface of the lab."""
        status, _, text = admin(self.base(who), self.state[who]['key'], method,
            path, body, form)
        return status, value_of(text)
