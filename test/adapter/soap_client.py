"""Calls the data services as a SOAP client that only knows the WSDL; one TAP
line per check. The argument is the address of the WSDL."""
import datetime
import sys

import zeep
from zeep.transports import Transport

failed = 0


def ok(good, what):
    global failed
    failed += 0 if good else 1
    print(("ok - " if good else "not ok - ") + what)


class OneHost(Transport):
    """Refuses to fetch anything but the WSDL itself."""

    def load(self, url):
        if not url.startswith(sys.argv[1].rsplit("/", 2)[0]):
            raise AssertionError("fetches " + url)
        return super().load(url)


def headers(code):
    who = {"xRoadInstance": "LAB", "memberClass": "COM", "memberCode": "1", "subsystemCode": "app", "objectType": "SUBSYSTEM"}
    what = {"xRoadInstance": "LAB", "memberClass": "GOV", "memberCode": "2", "subsystemCode": "data", "serviceCode": code,
            "serviceVersion": "v1", "objectType": "SERVICE"}
    return {"client": who, "service": what, "id": "zeep-1", "userId": "EE1", "protocolVersion": "4.0"}


client = zeep.Client(sys.argv[1], transport=OneHost(timeout=30, operation_timeout=30))
service = client.service


def call(code, **arguments):
    return getattr(service, code)(_soapheaders=headers(code), **arguments)


got = call("one", id=1)
ok(len(got.body.rows.row) == 1 and got.body.rows.row[0].name == "中央公園 & <広場>", "one row, in a list")
ok(got.header.id == "zeep-1" and got.header.client.memberCode == "1", "the header comes back")
ok(got.header.service.serviceVersion == "v1", "with its version")
rows = call("sites", name=zeep.xsd.SkipValue).body.rows.row
ok(len(rows) == 3, "an optional parameter left out")
ok(rows[0].photo == b"\x00\xff\x10" and rows[1].photo is None, "BINARY and null")
ok(rows[0].open_day == datetime.date(2026, 4, 1), "DATE")
ok(rows[0].shelter is True and rows[1].shelter is False, "BOOLEAN")
ok(rows[2].lat == 1e300, "DOUBLE")
ok(rows[0]["名称_カナ"] == "チュウオウコウエン", "a Japanese element")
at = datetime.datetime(2026, 11, 21, 6, 42, tzinfo=datetime.timezone.utc)
row = call("typed", s="あ", i=-5, l=2**62, d=0.1, b=True, day=datetime.date(2026, 2, 28), at=at, raw=b"\x01\x02").body.rows.row[0]
ok((row.s, row.i, row.l, row.d, row.b, row.day, row.at, row.raw) == ("あ", -5, 2**62, 0.1, True, datetime.date(2026, 2, 28), at, b"\x01\x02"),
   "every type there and back")
ok(call("避難所", 番号=1).body.rows.row[0]["名前"] == "チュウオウコウエン", "a Japanese operation")
capped = call("capped").body
ok(len(capped.rows.row) == 2 and capped.truncated is True, "truncated")
try:
    call("slow")
    ok(False, "a fault")
except zeep.exceptions.Fault as fault:
    ok("took longer" in fault.message, "a fault is a fault")
sys.exit(1 if failed else 0)
