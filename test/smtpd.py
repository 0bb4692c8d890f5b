# SPDX-License-Identifier: MIT
"""A mail server for tests: aiosmtpd with authentication and TLS.

smtpd.py MODE CERT KEY FOLDER   MODE: starttls, smtps or plain
Prints its port, keeps each mail as FOLDER/N.eml, ends with its input.
"""
import asyncio
import os
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

warnings.simplefilter("ignore")
mode, cert, key, folder = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)


def check(server, session, envelope, mechanism, data):
    good = data.login == b"testuser" and data.password == b"secret"
    return AuthResult(success=good, handled=False)


class Keep:
    count = 0

    async def handle_DATA(self, server, session, envelope):
        Keep.count += 1
        name = os.path.join(folder, "%d.eml" % Keep.count)
        with open(name + ".new", "wb") as f:
            f.write(b"X-From: %s\r\nX-To: %s\r\n" % (
                envelope.mail_from.encode(),
                ",".join(envelope.rcpt_tos).encode()))
            f.write(envelope.content)
        os.rename(name + ".new", name)
        return "250 kept"


def door():
    return SMTP(Keep(), authenticator=check, auth_required=True,
                auth_require_tls=mode == "starttls",
                require_starttls=mode == "starttls",
                tls_context=context if mode == "starttls" else None)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        door, "127.0.0.1", 0, ssl=context if mode == "smtps" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
