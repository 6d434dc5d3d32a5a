package io.ebridge.ratls.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.TlsProvider;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The start-up self-test finds what it is there to find. */
@Timeout(60)
class SelfTestTest {

    /** The JDK's, with other servers or another exporter. */
    private static final class Flawed extends TlsStack {
        private final TlsStack good;
        private final boolean resumable;
        private SSLContext shared;

        Flawed(boolean resumable, Exporter exporter) throws AttestedTlsException {
            super(TlsProvider.JSSE, exporter);
            good = TlsStack.choose(TlsProvider.JSSE, false);
            this.resumable = resumable;
        }

        @Override
        SSLEngine newEngine(boolean client, Leaf leaf, PeerTrust trust, SecureRandom random) throws SSLException {
            if (client || !resumable) {
                return good.newEngine(client, leaf, trust, random);
            }
            try {
                if (shared == null) {
                    shared = SSLContext.getInstance("TLSv1.3");
                    shared.init(new KeyManager[] {new FixedKeyManager(leaf)}, new TrustManager[] {trust}, random);
                }
            } catch (GeneralSecurityException e) {
                throw new SSLException(e);
            }
            SSLEngine engine = shared.createSSLEngine();
            engine.setUseClientMode(false);
            return engine;
        }

        @Override
        ResumingClient resumingClient(PeerTrust trust, SecureRandom random, String host, int port) throws SSLException {
            return good.resumingClient(trust, random, host, port);
        }

        @Override
        SSLContext template(SecureRandom random) throws SSLException {
            return good.template(random);
        }
    }

    private static void refused(TlsStack stack, String because) {
        assertThatThrownBy(() -> SelfTest.run(stack)).isInstanceOfSatisfying(AttestedTlsException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.SELF_TEST);
            assertThat(e).hasMessageContaining(because);
        });
    }

    @Test
    void serversThatResumeSessionsAreFound() throws Exception {
        SelfTest.run(new Flawed(false, null));
        refused(new Flawed(true, null), "resumed a session");
    }

    @Test
    void exportersThatDoNotTellConnectionsApartAreFound() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        // Both ends agree, and two connections differ.
        SelfTest.run(new Flawed(false, (engine, label, length) -> {
            byte[] value = new byte[length];
            value[0] = (byte) (calls.getAndIncrement() / 2);
            return value;
        }));
        refused(new Flawed(false, (engine, label, length) -> new byte[length]), "connections apart");
        refused(new Flawed(false, (engine, label, length) -> new byte[] {(byte) calls.getAndIncrement()}), "apart");
        refused(
                new Flawed(false, (engine, label, length) -> {
                    byte[] value = new byte[length];
                    value[0] = (byte) calls.getAndIncrement();
                    return value;
                }),
                "connections apart");
    }
}
