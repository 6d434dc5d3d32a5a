package io.ebridge.testkit.junit;

import io.ebridge.testkit.EbridgeFixture;
import io.ebridge.testkit.Faults;
import io.ebridge.testkit.LoopbackNetwork;
import io.ebridge.testkit.TestClock;
import io.ebridge.testkit.attest.FakeQuotingEnclave;
import io.ebridge.tunnel.EnclaveBridge;
import io.ebridge.tunnel.HostBridge;
import io.ebridge.vsock.Cid;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Starts and closes an {@link EbridgeFixture} around tests. By annotation it is {@link EbridgeTest}; in a field it takes any configuration, and lives as long as the field: a static field is one fixture for the class, an instance
 * field one for each method.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final EbridgeExtension BRIDGE = EbridgeExtension.builder()
 *         .fixture(f -> f.evidence(EvidenceFormat.SNP).host(h -> h.egress(EgressPolicy.allow("127.0.0.1:9000"))))
 *         .build();
 * }</pre>
 */
public final class EbridgeExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final String KEY = "fixture";

    private static final Map<Class<?>, Function<EbridgeFixture, Object>> PARAMETERS = Map.of(
            EbridgeFixture.class, f -> f,
            HostBridge.class, EbridgeFixture::host,
            EnclaveBridge.class, EbridgeFixture::enclave,
            FakeQuotingEnclave.class, EbridgeFixture::quotingEnclave,
            LoopbackNetwork.class, EbridgeFixture::network,
            Faults.class, f -> f.network().faults(),
            TestClock.class, EbridgeFixture::clock,
            InstantSource.class, EbridgeFixture::clock);

    private final @Nullable UnaryOperator<EbridgeFixture.Builder> configuration;
    private final ExtensionContext.Namespace namespace =
            ExtensionContext.Namespace.create(EbridgeExtension.class, this);
    private volatile @Nullable EbridgeFixture current;

    /** For JUnit, when it finds {@link EbridgeTest}. */
    public EbridgeExtension() {
        this(null);
    }

    private EbridgeExtension(@Nullable UnaryOperator<EbridgeFixture.Builder> configuration) {
        this.configuration = configuration;
    }

    /**
     * Begins an extension for a field with {@code @RegisterExtension}.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The fixture of the field's extension, for code that is given no parameters.
     *
     * @return the fixture that was started last
     * @throws IllegalStateException if none is running
     */
    public EbridgeFixture fixture() {
        EbridgeFixture fixture = current;
        if (fixture == null) {
            throw new IllegalStateException("no fixture is running");
        }
        return fixture;
    }

    private Optional<EbridgeTest> annotation(ExtensionContext context) {
        for (ExtensionContext c = context; ; ) {
            Optional<EbridgeTest> found =
                    c.getTestClass().flatMap(t -> AnnotationSupport.findAnnotation(t, EbridgeTest.class));
            if (found.isPresent() || c.getParent().isEmpty()) {
                return found;
            }
            c = c.getParent().get();
        }
    }

    private boolean perClass(ExtensionContext context) {
        // A field's extension is asked before all tests only if the field is static.
        return configuration != null
                || annotation(context)
                        .map(a -> a.scope() == EbridgeTest.Scope.CLASS)
                        .orElse(false);
    }

    private ExtensionContext.Store store(ExtensionContext context) {
        return context.getStore(namespace);
    }

    private @Nullable EbridgeFixture find(ExtensionContext context) {
        return store(context).get(KEY, EbridgeFixture.class);
    }

    private void start(ExtensionContext context) throws Exception {
        if (find(context) != null) {
            return;
        }
        EbridgeFixture.Builder builder = EbridgeFixture.builder();
        if (configuration != null) {
            builder = configuration.apply(builder);
        } else {
            EbridgeTest asked = annotation(context)
                    .orElseThrow(
                            () -> new IllegalStateException("use @EbridgeTest or a field with @RegisterExtension"));
            builder = builder.evidence(asked.evidence()).cid(Cid.of(asked.cid()));
            if (!asked.bridge()) {
                builder = builder.withoutBridge();
            }
        }
        EbridgeFixture fixture = builder.start();
        store(context).put(KEY, fixture);
        current = fixture;
    }

    /** Closes the fixture that was started for this very context, not one of a context around it. */
    private void stop(ExtensionContext context) {
        EbridgeFixture fixture = store(context).remove(KEY, EbridgeFixture.class);
        if (fixture != null) {
            current = null;
            fixture.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (perClass(context)) {
            start(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        start(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        stop(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        stop(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return PARAMETERS.containsKey(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        EbridgeFixture fixture = find(context);
        if (fixture == null) {
            throw new ParameterResolutionException(
                    "no fixture is running yet: constructors and static methods need the scope CLASS or a static field");
        }
        return Objects.requireNonNull(PARAMETERS.get(parameter.getParameter().getType()))
                .apply(fixture);
    }

    /** Collects the configuration of a field's extension. */
    public static final class Builder {
        private UnaryOperator<EbridgeFixture.Builder> configuration = UnaryOperator.identity();

        private Builder() {}

        /**
         * Changes the fixture.
         *
         * @param change called with the defaults set, once for each fixture
         * @return this
         */
        public Builder fixture(UnaryOperator<EbridgeFixture.Builder> change) {
            UnaryOperator<EbridgeFixture.Builder> before = configuration;
            configuration = b -> change.apply(before.apply(b));
            return this;
        }

        /**
         * The extension.
         *
         * @return for a field with {@code @RegisterExtension}
         */
        public EbridgeExtension build() {
            return new EbridgeExtension(configuration);
        }
    }
}
