/** The suite's one seam to signature verification: picks the fastest correct provider present. Shared inside the suite. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.crypto;
