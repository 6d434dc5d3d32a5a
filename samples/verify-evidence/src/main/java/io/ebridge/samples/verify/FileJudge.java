package io.ebridge.samples.verify;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.PolicyFormatException;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Judges one file. */
final class FileJudge {

    private FileJudge() {}

    static Verdict judge(Options options, InstantSource clock) throws UnusableException {
        Path path = options.file().orElseThrow();
        Instant at = options.at().orElseGet(clock::instant);
        Optional<AppraisalPolicy> policy = policy(options);
        Collateral collateral = collateral(options);
        try {
            EvidenceFile file =
                    EvidenceFile.open(path, options.format().orElse(null)).with(collateral);
            EvidenceFormat format = file.evidence().format();
            EvidenceVerifier.Builder builder = EvidenceVerifier.builder().clock(InstantSource.fixed(at));
            if (options.anchor().isPresent()) {
                builder.trustAnchors(anchor(options.anchor().get(), format));
            }
            EvidenceVerifier verifier = builder.build();
            try {
                AttestationResult result =
                        policy.isPresent() ? verify(verifier, file, policy.get()) : look(verifier, file, options);
                return Verdict.of(
                        path, file, result, policy.isPresent() ? null : wouldBe(verifier, file, result, options));
            } catch (EvidenceRejectedException e) {
                return Verdict.rejected(path, file, at, e);
            }
        } catch (EvidenceRejectedException e) {
            return Verdict.rejected(path, null, at, e);
        }
    }

    private static AttestationResult verify(EvidenceVerifier verifier, EvidenceFile file, AppraisalPolicy policy)
            throws EvidenceRejectedException {
        return file.certificate().isPresent()
                ? verifier.verify(file.certificate().get(), policy)
                : verifier.verify(file.evidence(), policy);
    }

    private static AttestationResult look(EvidenceVerifier verifier, EvidenceFile file, Options options)
            throws EvidenceRejectedException {
        return file.certificate().isPresent()
                ? verifier.insecureWithoutAppraisal(file.certificate().get(), options.strictness())
                : verifier.insecureWithoutAppraisal(file.evidence(), options.strictness());
    }

    /** A policy that names what was found, and what it says of this very evidence. */
    private static PolicyProposal wouldBe(
            EvidenceVerifier verifier, EvidenceFile file, AttestationResult result, Options options) {
        Optional<AppraisalPolicy> proposed = PolicyProposal.policyFor(result, options.strictness());
        if (proposed.isEmpty()) {
            return PolicyProposal.none("a debug enclave has no measurements that a policy could name");
        }
        try {
            verify(verifier, file, proposed.get());
            return new PolicyProposal(proposed, "", "");
        } catch (EvidenceRejectedException e) {
            return new PolicyProposal(proposed, e.reason().name(), String.valueOf(e.getMessage()));
        }
    }

    private static Optional<AppraisalPolicy> policy(Options options) throws UnusableException {
        if (options.policy().isEmpty()) {
            return Optional.empty();
        }
        Path path = options.policy().get();
        try {
            return Optional.of(AppraisalPolicy.fromJson(new String(EvidenceFile.read(path), StandardCharsets.UTF_8)));
        } catch (PolicyFormatException e) {
            throw new UnusableException(path + " is no policy", e);
        }
    }

    private static Collateral collateral(Options options) throws UnusableException {
        Collateral all = Collateral.none();
        for (Path path : options.collateral()) {
            try {
                all = all.plus(CollateralSource.files(path).find(new io.ebridge.attest.CollateralRequest.Nitro()));
            } catch (IOException | IllegalArgumentException e) {
                throw new UnusableException("cannot read collateral under " + path, e);
            } catch (io.ebridge.attest.CollateralUnavailableException e) {
                throw new UnusableException("cannot use collateral under " + path, e);
            }
        }
        return all;
    }

    private static TrustAnchors anchor(Path path, EvidenceFormat format) throws UnusableException {
        try {
            return TrustAnchors.of(vendor(format), EvidenceFile.certificate(EvidenceFile.read(path)));
        } catch (CertificateException e) {
            throw new UnusableException(path + " is no certificate", e);
        }
    }

    static Vendor vendor(EvidenceFormat format) {
        return switch (format) {
            case NITRO -> Vendor.AWS;
            case SNP -> Vendor.AMD;
            case SGX, TDX -> Vendor.INTEL;
        };
    }
}
