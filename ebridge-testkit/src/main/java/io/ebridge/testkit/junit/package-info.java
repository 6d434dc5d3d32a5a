/**
 * The fixture as a JUnit extension. Compiled against JUnit Jupiter 5.14, runs on 6 too.
 *
 * <pre>{@code
 * @EbridgeTest
 * class OrdersTest {
 *     @Test
 *     void servesThroughTheBridge(EnclaveBridge enclave, EbridgeFixture fixture) throws Exception {
 *         enclave.expose(EbridgeFixture.SERVICE_PORT, server.getAddress());
 *         HttpResponse<String> response = get("http://localhost:" + fixture.hostAddress().getPort() + "/orders");
 *         ...
 *     }
 * }
 * }</pre>
 */
package io.ebridge.testkit.junit;
