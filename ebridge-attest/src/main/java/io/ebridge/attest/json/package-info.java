/**
 * The suite's one strict JSON reader (RFC 8259), for signed vendor documents and for policies.
 *
 * <p>It exists because of two demands that a data-binding library does not meet together: a signature covers the exact
 * bytes of an inner object, so every {@link io.ebridge.attest.json.JsonValue} knows where it lies in the received
 * bytes; and what two readers could understand differently is refused, so member names are unique after unescaping,
 * text is valid UTF-8, nothing follows the document, and depth and the number of values are bounded.
 */
package io.ebridge.attest.json;
