package io.ebridge.testkit.tunnel;

/** The relay between TCP and the testkit's network. */
class RelayOverLoopbackTest extends RelayTest {
    @Override
    TunnelRig newRig() throws Exception {
        return TunnelRig.onLoopback();
    }
}
