package io.ebridge.attest.intel;

import io.ebridge.attest.RejectionReason;

/**
 * Why a policy does not accept a platform.
 *
 * @param reason the check that failed
 * @param detail what was found and what to do, for an operator
 */
public record TcbRefusal(RejectionReason reason, String detail) {}
