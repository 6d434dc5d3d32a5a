package io.ebridge.ratls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.ratls.strict.Challenge;
import java.net.Socket;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.asn1.x500.X500Name;
import org.junit.jupiter.api.Test;

/** Trust managers that would accept: still only for the role that the peer has, and only through the two methods that know the engine. */
class PeerTrustTest {

    private static X509Certificate certificate() throws Exception {
        SecureRandom random = new SecureRandom();
        KeyPair keys = LeafCertificates.newKeys(random);
        Instant now = Instant.now();
        return LeafCertificates.build(
                new LeafCertificates.Spec(
                        new X500Name("CN=localhost"),
                        null,
                        List.of("localhost"),
                        now.minus(Duration.ofHours(1)),
                        now.plus(Duration.ofHours(1)),
                        Map.of()),
                keys,
                random);
    }

    @Test
    void onlyTheChecksThatKnowTheEngineAndTheRoleCanPass() throws Exception {
        X509Certificate[] chain = {certificate()};
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        for (boolean indirect : new boolean[] {false, true}) {
            AtomicInteger asked = new AtomicInteger();
            PeerTrust ofServers = new PeerTrust(c -> asked.incrementAndGet(), null);
            PeerTrust ofClients = new PeerTrust(null, c -> asked.incrementAndGet());
            X509ExtendedTrustManager servers = indirect ? new TcnativeTrust(ofServers) : ofServers;
            X509ExtendedTrustManager clients = indirect ? new TcnativeTrust(ofClients) : ofClients;
            X509Certificate[] endless = new X509Certificate[9];
            Arrays.fill(endless, chain[0]);
            for (ThrowingCallable each : List.<ThrowingCallable>of(
                    () -> servers.checkServerTrusted(chain, "UNKNOWN"),
                    () -> servers.checkServerTrusted(chain, "UNKNOWN", (Socket) null),
                    () -> servers.checkServerTrusted(chain, "UNKNOWN", new Socket()),
                    () -> servers.checkServerTrusted(chain, "UNKNOWN", (SSLEngine) null),
                    () -> servers.checkServerTrusted(null, "UNKNOWN", engine),
                    () -> servers.checkServerTrusted(new X509Certificate[0], "UNKNOWN", engine),
                    () -> servers.checkServerTrusted(endless, "UNKNOWN", engine),
                    () -> servers.checkClientTrusted(chain, "UNKNOWN", engine),
                    () -> clients.checkClientTrusted(chain, "UNKNOWN"),
                    () -> clients.checkClientTrusted(chain, "UNKNOWN", new Socket()),
                    () -> clients.checkClientTrusted(chain, "UNKNOWN", (SSLEngine) null),
                    () -> clients.checkServerTrusted(chain, "UNKNOWN", engine))) {
                assertThatThrownBy(each).isInstanceOf(CertificateException.class);
            }
            assertThat(asked).hasValue(0);
            assertThat(ofServers.accepted()).isFalse();
            servers.checkServerTrusted(chain, "UNKNOWN", engine);
            clients.checkClientTrusted(chain, "UNKNOWN", engine);
            assertThat(asked).hasValue(2);
            assertThat(ofServers.accepted()).isTrue();
            PeerTrust refuses = new PeerTrust(
                    c -> {
                        throw new CertificateException("no");
                    },
                    null);
            assertThatThrownBy(() -> refuses.checkServerTrusted(chain, "UNKNOWN", engine))
                    .isInstanceOf(CertificateException.class);
            assertThat(refuses.accepted()).isFalse();
        }
    }

    /** The sign for kelvin and the long s are lower-cased to k and s, so that names with them look the same to many a comparison. */
    @Test
    void namesAreTheSameInAsciiOnly() throws Exception {
        assertThat(Challenge.sameService("Bank.Example", "bANK.eXAMPLE")).isTrue();
        assertThat(Challenge.sameService("ban\u212a", "bank")).isFalse();
        assertThat(Challenge.sameService("\u017fafe", "safe")).isFalse();
        assertThat(Challenge.sameService("bank", "banks")).isFalse();
        assertThat(Names.carries(certificate(), "LOCALHOST")).isTrue();
        assertThat(Names.carries(certificate(), "loca\u017fhost")).isFalse();
    }
}
