package io.ebridge.ratls.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopbackForwarderTest {

    /** A service that is down for long must not cost the forwarder a little memory with every attempt. */
    @Test
    void connectionsThatFailAreForgotten() throws Exception {
        try (ServerSocket hangsUp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> {
                while (!hangsUp.isClosed()) {
                    try {
                        hangsUp.accept().close();
                    } catch (IOException e) {
                        assertThat(e).isNotNull();
                    }
                }
            });
            server.start();
            try (LoopbackForwarder forwarder = LoopbackForwarder.builder(
                            SSLContext.getDefault(), "localhost", hangsUp.getLocalPort())
                    .start()) {
                for (int i = 0; i < 20; i++) {
                    try (Socket plain = new Socket()) {
                        plain.connect(forwarder.address());
                        assertThat(plain.getInputStream().read()).isNegative();
                    }
                }
                assertThat(forwarder.lastFailure()).isNotNull();
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                while (forwarder.remembered() > 0 && System.nanoTime() < end) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                }
                assertThat(forwarder.remembered()).isZero();
            }
            hangsUp.close();
            server.join(5000);
        }
    }
}
