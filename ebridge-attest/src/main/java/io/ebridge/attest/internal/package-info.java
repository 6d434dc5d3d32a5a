/** What the formats' verifiers share. Not exported. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.internal;
