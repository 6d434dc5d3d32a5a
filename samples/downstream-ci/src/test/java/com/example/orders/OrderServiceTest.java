package com.example.orders;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.testkit.EbridgeFixture;
import io.ebridge.testkit.junit.EbridgeTest;
import io.ebridge.tunnel.EnclaveBridge;
import java.net.URI;
import org.junit.jupiter.api.Test;

@EbridgeTest
class OrderServiceTest {
    @Test
    void answersThroughTheBridge(EnclaveBridge enclave, EbridgeFixture fixture) throws Exception {
        try (OrderService service = new OrderService()) {
            enclave.expose(EbridgeFixture.SERVICE_PORT, service.address());
            URI uri = URI.create("http://localhost:" + fixture.hostAddress().getPort() + "/orders");
            assertThat(uri.toURL().openStream()).hasContent("no orders yet");
        }
    }
}
