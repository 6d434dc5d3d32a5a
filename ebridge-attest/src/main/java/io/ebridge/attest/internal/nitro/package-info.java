/** Verification of Nitro documents. Not exported. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.internal.nitro;
