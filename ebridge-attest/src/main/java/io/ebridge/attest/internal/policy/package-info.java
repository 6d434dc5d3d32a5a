/** Policies as JSON. Not exported. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.internal.policy;
