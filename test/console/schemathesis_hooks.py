# Checks of ours for schemathesis.t, which writes OURS, FAILS and UNAVAILABLE
# before these lines.
import re

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection


def _operation(case):
    return case.method.upper() + ' ' + case.operation.path


@schemathesis.check
def clear_error(ctx, response, case):
    """Every refusal is X-Road's ErrorInfo; a 5xx only where it is meant."""
    if response.status_code < 400 or response.request.method == 'HEAD':
        return
    try:
        body = response.json()
        code = body.get('error', {}).get('code', '')
    except Exception as why:
        raise AssertionError('an error that is no JSON: %s' % why)
    if body.get('status') != response.status_code:
        raise AssertionError('the body says status %r' % body.get('status'))
    if not re.fullmatch(r'[a-z0-9_.]+', code):
        raise AssertionError('no error code: %r' % code)
    if response.status_code == 501 and code == 'operation_not_available' \
            and (_operation(case) in UNAVAILABLE or
                 case.method.upper() == 'HEAD'):
        return
    if response.status_code >= 500 and code not in FAILS:
        raise AssertionError('Server error: %s' % response.text[:300])


@schemathesis.check
def undeclared_method(ctx, response, case):
    """405 with Allow for a method that the document does not have."""
    data = getattr(case.meta, 'phase', None) and case.meta.phase.data
    scenario = getattr(getattr(data, 'scenario', None), 'name', '')
    if scenario != 'UNSPECIFIED_HTTP_METHOD':
        return
    path = response.request.url.split('/api/v1', 1)[-1].split('?')[0]
    method = response.request.method
    if any(m == method and re.fullmatch(p, path) for m, p in OURS):
        return
    if response.status_code == 404 and case.operation.path in \
            [x.split(' ', 1)[1] for x in UNAVAILABLE]:
        return  # a path that is not served yet has no methods
    if response.status_code != 405 or not response.headers.get('allow'):
        raise AssertionError('%s answered %d, Allow %r' % (method,
            response.status_code, response.headers.get('allow')))


@schemathesis.check
def wrong_data(ctx, response, case):
    """negative_data_rejection, but Spring takes an empty parameter for none."""
    query = response.request.url.partition('?')[2]
    if not re.search(r'=(&|$)', query):
        return negative_data_rejection(ctx, response, case)
