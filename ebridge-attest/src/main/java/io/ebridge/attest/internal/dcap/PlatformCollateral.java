package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.ValidityWindow;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.x509.VerifiedChain;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * Everything behind a quote that does not depend on the quote's own signatures, verified: what a warm verification looks up.
 *
 * @param pck the PCK chain
 * @param platform the platform that it speaks for
 * @param tcbInfo the TCB info that fits the platform; empty if the strictness did without
 * @param qeIdentity the quoting enclave's identity; empty if the strictness did without
 * @param revocationChecked whether PCK leaf, PCK CA and TCB signer were looked up in current CRLs
 * @param oldestIssue when the oldest of TCB info, QE identity and CRLs was issued
 * @param window the intersection of all windows
 * @param checks the checks that were made
 * @param missing what the strictness did without
 */
record PlatformCollateral(
        VerifiedChain pck,
        IntelPlatform platform,
        Optional<TcbInfo> tcbInfo,
        Optional<QeIdentity> qeIdentity,
        boolean revocationChecked,
        Optional<Instant> oldestIssue,
        ValidityWindow window,
        Set<RejectionReason> checks,
        Set<Collateral.Kind> missing) {}
