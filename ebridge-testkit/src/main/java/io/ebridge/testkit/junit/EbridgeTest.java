package io.ebridge.testkit.junit;

import io.ebridge.attest.EvidenceFormat;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class a whole bridge in this JVM; its constructors and methods may take {@link io.ebridge.tunnel.HostBridge}, {@link io.ebridge.tunnel.EnclaveBridge},
 * {@link io.ebridge.testkit.attest.FakeQuotingEnclave}, {@link io.ebridge.testkit.LoopbackNetwork}, {@link io.ebridge.testkit.Faults}, {@link io.ebridge.testkit.TestClock} (also as
 * {@link java.time.InstantSource}) and {@link io.ebridge.testkit.EbridgeFixture} as parameters.
 *
 * <p>What this annotation cannot say, {@link EbridgeExtension#builder()} can. Tests may run in parallel. A test fails if anything that the fixture opened is left when it is closed.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(EbridgeExtension.class)
public @interface EbridgeTest {
    /** How long one fixture lives. */
    enum Scope {
        /** A fresh one for each test method. Constructors cannot take it as a parameter. */
        METHOD,
        /** One for all methods of the class and its nested classes. */
        CLASS
    }

    /**
     * How long one fixture lives.
     *
     * @return the scope
     */
    Scope scope() default Scope.METHOD;

    /**
     * What the quoting enclave makes.
     *
     * @return the format
     */
    EvidenceFormat evidence() default EvidenceFormat.NITRO;

    /**
     * The enclave's CID.
     *
     * @return the number
     */
    long cid() default 16;

    /**
     * Whether to start both sides of the bridge; without it there are the network, the clock and the quoting enclave only.
     *
     * @return whether to
     */
    boolean bridge() default true;
}
