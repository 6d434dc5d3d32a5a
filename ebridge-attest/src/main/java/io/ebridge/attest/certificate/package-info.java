/** How evidence travels inside X.509 certificates: extension OIDs and their encodings. Shared inside the suite. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.certificate;
