package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.certificate.CertificateIssuer;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.testkit.TestClock;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.io.ByteArrayInputStream;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The same verdict object comes back where it was shared, another where the certificate was judged anew. */
class CertificateVerdictsTest {

    private static final long SECOND = 1_000_000_000L;

    private final TestClock clock = new TestClock(Instant.parse("2026-11-01T12:00:00Z"));
    private final AtomicLong nanos = new AtomicLong();
    private final FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro().clock(clock);
    private final CertificateMode judge = judge(List.of(), Set.of());

    private CertificateMode judge(List<X509Certificate> issuers, Set<Bytes> roots) {
        return new CertificateMode(
                List.of(enclave.policy()),
                EvidenceVerifier.builder()
                        .trustAnchors(enclave.trustAnchors())
                        .clock(clock)
                        .build(),
                clock,
                roots,
                issuers,
                CertificateProfile.DEFAULT_ARC,
                nanos::get);
    }

    private X509Certificate[] issue(CertificateProfile profile, FakeQuotingEnclave by) throws Exception {
        return profile.issue(
                        new CertificateProfile.Content(
                                "service", List.of("service"), Bytes.of(new byte[32]), Map.of(), Duration.ofHours(1)),
                        by,
                        clock.instant(),
                        new SecureRandom())
                .chain()
                .toArray(X509Certificate[]::new);
    }

    private static X509Certificate[] copy(X509Certificate[] chain) throws Exception {
        return new X509Certificate[] {
            (X509Certificate)
                    CertificateFactory.getInstance("X.509", new org.bouncycastle.jce.provider.BouncyCastleProvider())
                            .generateCertificate(new ByteArrayInputStream(chain[0].getEncoded()))
        };
    }

    @Test
    void aVerdictIsSharedForASecondAndNoLonger() throws Exception {
        X509Certificate[] chain = issue(CertificateProfile.ebridge(), enclave);
        AttestedPeer first = judge.judge(chain);
        nanos.set(SECOND);
        // Whoever has parsed it: the bytes are what counts.
        assertThat(judge.judge(copy(chain))).isSameAs(first);
        nanos.set(SECOND + 1);
        assertThat(judge.judge(chain)).isNotSameAs(first);
    }

    @Test
    void itDoesNotOutliveTheWindowOfItsResultNorTheAgeThatThePolicyAllows() throws Exception {
        X509Certificate[] chain = issue(CertificateProfile.ebridge(), enclave);
        AttestedPeer first = judge.judge(chain);
        clock.advance(AppraisalPolicy.DEFAULT_MAX_AGE);
        assertThat(judge.judge(chain)).isSameAs(first);
        clock.advance(Duration.ofMillis(1));
        refused(judge, chain, Reason.EVIDENCE_REJECTED);
        clock.set(first.result().validity().from().minusNanos(1));
        refused(judge, chain, Reason.EVIDENCE_REJECTED);
    }

    @Test
    void anotherCertificateIsJudgedAnewAndRejectionsAreNotRemembered() throws Exception {
        X509Certificate[] chain = issue(CertificateProfile.ebridge(), enclave);
        AttestedPeer first = judge.judge(chain);
        X509Certificate[] other = issue(CertificateProfile.ebridge(), enclave);
        assertThat(judge.judge(other)).isNotSameAs(first);
        assertThat(judge.judge(chain)).isSameAs(first);
        Instant then = clock.instant();
        clock.advance(Duration.ofDays(1));
        refused(judge, chain, Reason.EVIDENCE_REJECTED);
        clock.set(then);
        assertThat(judge.judge(chain)).isNotNull();
    }

    @Test
    void itIsNotSharedWithThoseWhoDemandOtherThings() throws Exception {
        X509Certificate[] chain = issue(CertificateProfile.ebridge(), enclave);
        judge.judge(chain);
        refused(judge(List.of(), Set.of(Bytes.of("other".getBytes()).sha256())), chain, Reason.CONFIGURATION_ROOT);
        refused(judge(List.of(chain[0]), Set.of()), chain, Reason.CERTIFICATE);
    }

    /** The CA that signed it ends within the second: so does the verdict. */
    @Test
    void norDoesItOutliveTheIssuer() throws Exception {
        Authority authority = Authority.make(
                "ca", clock.instant().minusSeconds(10), clock.instant().plusSeconds(1));
        FakeQuotingEnclave sgx = FakeQuotingEnclave.sgx().clock(clock);
        CertificateMode demanding = new CertificateMode(
                List.of(sgx.policy()),
                sgx.verifier(),
                clock,
                Set.of(),
                List.of(authority.certificate()),
                CertificateProfile.DEFAULT_ARC,
                nanos::get);
        X509Certificate[] chain = issue(
                CertificateProfile.enclaveOs(new CertificateIssuer(
                        authority.certificate(), authority.keys().getPrivate())),
                sgx);
        AttestedPeer first = demanding.judge(chain);
        clock.advance(Duration.ofSeconds(1));
        assertThat(demanding.judge(chain)).isSameAs(first);
        clock.advance(Duration.ofMillis(1));
        refused(demanding, chain, Reason.CERTIFICATE);
    }

    private static void refused(CertificateMode judge, X509Certificate[] chain, Reason reason) {
        assertThatThrownBy(() -> judge.judge(chain))
                .isInstanceOfSatisfying(
                        AttestedTlsException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
