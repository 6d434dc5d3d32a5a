/** A strict, bounded CBOR reader and a small deterministic writer (RFC 8949). Shared inside the suite. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.cbor;
