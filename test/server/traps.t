#!/usr/bin/perl
# Which test proves which trap of interop/xroad-messages.md section 10. Each
# row: number, the trap in a few words, and where it is proved: file => words
# that stand there. The words are looked up, so that the table cannot outlive
# the tests; the tests themselves run on their own.
use strict;
use warnings;
use FindBin;
use Test::More;

my $test = "$FindBin::Bin/..";
my @trap = (
  [1, "answers name x-hash-algorithm and x-original-content-type in lower case",
    "server/peer_test.c" => "test_header_names", "http/http_server_test.c" => "lower_case_headers"],
  [2, "TLS 1.2, AES-256-CBC suites, DHE and ECDHE",
    "trust/tls_test.c" => '"DHE-RSA-AES256-SHA256"', "http/http_tls_test.c" => "ECDHE-RSA-AES256-SHA384"],
  [3, "intermediates without root, OCSP for exactly these, first in the multipart",
    "xroad/globalconf_test.c" => "test_intermediate", "xroad/transport_test.c" => "test_order", "server/peer_test.c" => "test_header_names"],
  [4, "the peer's certificate is bound to the client on every message",
    "server/peer_test.c" => "a client that is not registered there", "server/peer_test.c" => "test_wrong_server"],
  [5, "CRLF belongs to the delimiter, nested parts begin with an empty line, edges of buffers",
    "xroad/transport_test.c" => "test_written_bytes", "xroad/mime_test.c" => "test_edges", "server/edge_test.c" => "soap_accepted", "server/body_test.c" => "test_edges"],
  [6, "bodies are hashed undecoded, attachment headers are not trusted",
    "server/attach_test.c" => "Content-Transfer-Encoding: base64", "server/peer_test.c" => "test_soap_attachments"],
  [7, "x-proxy-version is a version of X-Road's",
    "server/peer_test.c" => "test_version", "xroad/version_test.c" => "test_order"],
  [8, "HTTP 200 for SOAP faults; between servers anything but 200 and 500 is http_error",
    "server/fault_test.c" => "evil_404", "server/fault_test.c" => "a->status == 200 && action"],
  [9, "no Expect, no compression, no redirects, no folded headers of our own",
    "http/http_client_test.c" => "test_verbatim", "server/body_test.c" => "test_expect", "server/message_test.c" => "static const int status[] = { 301"],
  [10, "the REST part byte by byte",
    "xroad/rest_test.c" => "test_worked_example", "xroad/rest_test.c" => "test_parts_refused", "server/message_test.c" => "test_request_headers"],
  [11, "an empty body part exists in answers, not in requests",
    "server/body_test.c" => "test_bodiless", "server/message_test.c" => "test_head_and_empty"],
  [12, "the request hash is always SHA-512",
    "xroad/rest_test.c" => "test_worked_example", "server/message_test.c" => "test_request_hash", "server/signform_test.c" => "DIGEST_SHA256"],
  [13, "metadata services: head-only hash; getOpenAPI by GET",
    "server/metadata_test.c" => "head-only", "server/metadata_test.c" => "test_openapi_refused"],
  [14, "raw path forwarded, normalised path decides, ambiguity is denied",
    "server/access_test.c" => "test_whole", "xroad/rest_test.c" => "test_normalize", "server/message_test.c" => "test_raw_path", "server/message_test.c" => "test_access"],
  [15, "the subsystem is mandatory in the URL; malformed requests are 500",
    "server/fault_test.c" => "test_unreadable", "xroad/rest_test.c" => "test_request_refused"],
  [16, "exactly the bytes of the information system are signed: BOM, charset",
    "server/message_test.c" => ".bom = true", "server/attach_test.c" => "test_attachments"],
  [17, "requestHash behind id, replaced when present, the SOAP part only",
    "xroad/soap_test.c" => "test_request_hash", "xroad/soap_test.c" => "test_hash_prefix"],
  [18, "objectType is namespaced, absent is not empty, the body's name begins with the service code",
    "xroad/soap_test.c" => "<x:client objectType='MEMBER'>", "xroad/soap_test.c" => "HEADER(ALL \"<x:userId/>\")", "xroad/soap_test.c" => "test_refused"],
  [19, "nothing between XAdESSignatures and ds:Signature; prefixes ds and xades",
    "xroad/signature_test.c" => "white space before ds:Signature", "xroad/signature_test.c" => "judged_by_schema"],
  [20, "inclusive canonical form of a subset", "xroad/signature_test.c" => "judged_by_xmlsec", "xroad/signature_test.c" => "vectors(void)"],
  [21, "CR in base64 is &#xD;", "xroad/signature_test.c" => "vectors(void)", "xroad/asic_test.c" => "vectors_live"],
  [22, "DER of DigestList", "xroad/hashchain_test.c" => "constants(void)", "xroad/hashchain_test.c" => "by_hand(void)"],
  [23, "one multi-part message: result is STEP0; unpaired nodes move up unhashed", "xroad/hashchain_test.c" => "tree("],
  [24, "ECDSA r||s in XML, DER inside; PSS salt is as long as the hash",
    "trust/key_test.c" => "test_ecdsa_forms", "server/signform_test.c" => "SIGN_RSA_PSS", "xroad/signature_test.c" => "judged_by_openssl"],
  [25, "OCSP: first answer, SHA-1 CertID, freshness, nextUpdate by configuration, producedAt unread",
    "trust/ocsp_test.c" => "test_rules", "trust/ocsp_test.c" => "verify_next_update = false", "server/outage_test.c" => "test_ocsp_stale"],
  [26, "stricter than Java: references to every part, no cycles, no transforms, SigningCertificate",
    "xroad/signature_test.c" => "Java passes these two", "xroad/signature_test.c" => "tampering(void)", "xroad/hashchain_test.c" => "a cycle", "server/peer_test.c" => "test_soap_attachments"],
  [27, "two ASiC namespaces", "xroad/signature_test.c" => "02918/v1.2.1", "xroad/asic_test.c" => "structure("],
  [28, "one stamp covers the SignatureValue, a batch the chain's result", "server/messagelog_test.c" => "test_forms", "xroad/asic_test.c" => "own_evidence"],
  [29, "signatures are stored byte for byte", "xroad/signature_test.c" => "stamps(void)", "server/messagelog_test.c" => "test_forms"],
  [30, "one exchange on one server: TLS to itself, four records", "server/message_test.c" => "test_own_service"],
  [31, "no log, no exchange; no stamps only after the acceptable period",
    "server/fault_test.c" => "log_breaks", "server/messagelog_test.c" => "test_acceptable_period", "lab/diskfull.t" => "logging_failed", "lab/survive_each.t" => "timestamping_failed"],
  [32, "archives digest hex text", "xroad/linking_test.c" => "test_live", "cli/archive.t" => "9011ab557706b505"],
  [33, "foreign codes pass through, classes are compared without case", "server/peer_test.c" => "test_answer_fault", "xroad/rest_test.c" => "test_error"],
  [34, "no cookie jar, no unpacking at the provider", "server/message_test.c" => "Content-Encoding", "server/message_test.c" => "Set-Cookie"],
);

is_deeply([map { $_->[0] } @trap], [1 .. 34], "every trap of the list");
for my $t (@trap) {
  my ($n, $what, @where) = @$t;
  my @missing;
  while (my ($file, $words) = splice @where, 0, 2) {
    open(my $h, "<", "$test/$file") or do { push @missing, $file; next };
    local $/;
    push @missing, "$file: $words" if index(<$h>, $words) < 0;
  }
  is("@missing", "", "$n: $what");
}
done_testing();
