package io.ebridge.testkit.assertions;

import io.ebridge.testkit.BridgeRecorder;
import org.jspecify.annotations.Nullable;

/** Entry point of the assertions for what a bridge did: its tunnels and the enclave's log. Stateless. */
public final class BridgeAssertions {
    private BridgeAssertions() {}

    /**
     * Asserts on what a bridge told.
     *
     * @param actual the recorder
     * @return its assertions
     */
    public static BridgeAssert assertThat(@Nullable BridgeRecorder actual) {
        return new BridgeAssert(actual);
    }
}
