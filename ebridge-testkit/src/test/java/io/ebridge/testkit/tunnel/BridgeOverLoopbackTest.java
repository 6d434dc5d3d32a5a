package io.ebridge.testkit.tunnel;

/** The whole bridge over the testkit's network; whatever a test does, nothing is left on it. */
class BridgeOverLoopbackTest extends BridgeEndToEndTest {
    @Override
    TunnelRig newRig() throws Exception {
        return TunnelRig.onLoopback();
    }
}
