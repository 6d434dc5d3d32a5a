package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.Bytes;
import io.ebridge.ratls.certificate.AttestedCertificate;
import io.ebridge.ratls.configuration.ConfigurationManifest;
import io.ebridge.ratls.configuration.InclusionProof;
import io.ebridge.ratls.strict.Answer;
import io.ebridge.ratls.strict.Appraiser;
import io.ebridge.ratls.strict.Binding;
import io.ebridge.ratls.strict.Challenge;
import io.ebridge.ratls.strict.Role;
import io.ebridge.ratls.strict.StrictSession;
import io.ebridge.ratls.tls.LeafCertificates;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;

/** One target for each decoder: what is accepted is written back as it was, and nothing but the named exception comes out. */
class RatlsFuzzTest {

    @FuzzTest
    void challenge(byte[] input) {
        try {
            assertThat(Challenge.decode(input).encode()).isEqualTo(input);
        } catch (AttestedTlsException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    @FuzzTest
    void answer(byte[] input) {
        try {
            Answer answer = Answer.decode(input);
            assertThat(Answer.decode(answer.encode(true))).isEqualTo(answer);
            answer.quote().reportData(new byte[64]);
        } catch (AttestedTlsException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    @FuzzTest
    void manifest(byte[] input) {
        try {
            assertThat(ConfigurationManifest.decode(input).encode()).isEqualTo(input);
        } catch (AttestedTlsException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    @FuzzTest
    void inclusionPath(byte[] input) {
        try {
            InclusionProof proof = InclusionProof.decode(input);
            assertThat(proof.encode()).isEqualTo(input);
            proof.verify(Bytes.of(new byte[32]));
        } catch (AttestedTlsException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    /** Evidence, raw and tagged, and all other extensions. */
    @FuzzTest
    void extensions(FuzzedDataProvider data) throws Exception {
        List<String> oids = List.of(
                "1.2.840.113741.1.13.1.0",
                "1.2.840.113741.1.5.5.1.6",
                "1.3.6.1.4.1.65230.1.1",
                "1.3.6.1.4.1.65230.4.1",
                "2.23.133.5.4.9",
                "2.25.1.1",
                "2.25.1.2",
                "2.25.1.3");
        Map<String, byte[]> extensions = new java.util.HashMap<>();
        for (int i = data.consumeInt(0, 3); i >= 0; i--) {
            extensions.put(data.pickValue(oids), data.consumeBytes(data.consumeInt(0, 2000)));
        }
        SecureRandom random = new SecureRandom();
        KeyPair keys = LeafCertificates.newKeys(random);
        X509Certificate certificate = LeafCertificates.build(
                new LeafCertificates.Spec(
                        new X500Name("CN=fuzz"),
                        null,
                        List.of(),
                        Instant.EPOCH,
                        Instant.EPOCH.plus(Duration.ofHours(24)),
                        extensions),
                keys,
                random);
        try {
            assertThat(AttestedCertificate.read(certificate, "2.25.1").evidence())
                    .isNotNull();
        } catch (AttestedTlsException e) {
            assertThat(e.reason()).isNotNull();
        }
    }

    /** Any bytes in any pieces: a session opens for none of them. */
    @FuzzTest
    void session(FuzzedDataProvider data) {
        StrictSession session = new StrictSession(
                Role.CLIENT,
                new Binding.Channel(Bytes.of(new byte[32]), Bytes.of(new byte[32]), Bytes.of(new byte[32])),
                Appraiser.of(List.of(Rig.ENCLAVE.policy()), Rig.ENCLAVE.verifier(), Set.of(), Bytes.of(new byte[32])),
                "service",
                null,
                new StrictSession.Timing(Duration.ofSeconds(10), Duration.ofMinutes(1)),
                new SecureRandom(),
                (result, answer) -> {
                    throw new AssertionError("accepted");
                },
                0);
        try {
            while (data.remainingBytes() > 0) {
                session.receive(
                        ByteBuffer.wrap(data.consumeBytes(data.consumeInt(1, 300))),
                        delivered -> {
                            throw new AssertionError("data delivered");
                        },
                        1);
                for (Runnable task = session.nextTask(); task != null; task = session.nextTask()) {
                    task.run();
                }
            }
        } catch (AttestedTlsException e) {
            assertThat(e).isSameAs(session.failure());
        }
        assertThat(session.open()).isFalse();
    }
}
