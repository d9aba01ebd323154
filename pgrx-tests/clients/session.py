"""How each client signs in: as a login role, with the role and the claims of a person in each connection."""
import os

USER = os.environ["PERSON"]
CLAIMS = '{"role":"authenticated","sub":"%s"}' % USER
OPTIONS = "-c role=authenticated -c request.jwt.claims=" + CLAIMS.replace(" ", "\\ ")
HOST, DATABASE, LOGIN = os.environ["PGHOST"], os.environ["PGDATABASE"], os.environ["PGUSER"]
COLLEAGUE = os.environ["COLLEAGUE"]


def expect(actual, wanted):
    if actual != wanted:
        raise SystemExit(f"got {actual!r} instead of {wanted!r}")
