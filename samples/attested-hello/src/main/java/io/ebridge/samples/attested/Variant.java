package io.ebridge.samples.attested;

import io.ebridge.testkit.attest.FakeNitro;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import java.time.Duration;
import java.time.InstantSource;

/** The good service, and those that a client must refuse. Each has a tunnel of its own. */
enum Variant {
    GOOD("hello", FakeNitro.standard(), Duration.ZERO),
    WRONG_MEASUREMENT("hello", FakeNitro.standard().image("somebody else's image"), Duration.ZERO),
    DEBUG("hello", FakeNitro.standard().debug(), Duration.ZERO),
    EXPIRED("hello", FakeNitro.standard(), Duration.ofHours(6)),
    WRONG_SERVICE("another-hello", FakeNitro.standard(), Duration.ZERO);

    /** The name that clients expect. */
    static final String SERVICE = "hello";

    private final String service;
    private final FakeNitro platform;
    private final Duration behind;

    Variant(String service, FakeNitro platform, Duration behind) {
        this.service = service;
        this.platform = platform;
        this.behind = behind;
    }

    String service() {
        return service;
    }

    /** The VSOCK port and the enclave's port number, on which it is served. */
    int vsockPort() {
        return 5001 + ordinal();
    }

    int claimedPort() {
        return 8443 + ordinal();
    }

    /** An enclave that lives in the past makes evidence that has expired by now. */
    FakeQuotingEnclave enclave() {
        InstantSource clock = InstantSource.system();
        return FakeQuotingEnclave.of(platform).clock(() -> clock.instant().minus(behind));
    }
}
