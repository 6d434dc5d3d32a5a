package io.ebridge.ratls;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.configuration.ConfigurationTree;
import io.ebridge.ratls.strict.Answer;
import io.ebridge.ratls.strict.Attester;
import io.ebridge.ratls.strict.BatchQuoter;
import io.ebridge.ratls.tls.Identity;
import io.ebridge.ratls.tls.Leaf;
import io.ebridge.ratls.tls.LeafCertificates;
import io.ebridge.ratls.tls.Names;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/**
 * What a service is: its name, the provider of its evidence, its configuration and its short-lived keys.
 *
 * <p>Guarantees: keys are made in memory, never written anywhere, and replaced before their certificates end; evidence is made fresh for each STRICT
 * session, many sessions sharing a quote when they wait together; changing the configuration makes every open STRICT session attest anew before it sends
 * another byte. Not guaranteed: that old keys are wiped, since the JDK's keys cannot be; they are merely let go.
 *
 * <p>Thread-safe. Closing stops the quoting threads; sessions that still want evidence then fail.
 */
public final class ServiceIdentity implements AutoCloseable {

    private static final Duration BACKDATED = Duration.ofMinutes(5);

    private final String service;
    private final Set<String> names;
    private final EvidenceProvider provider;
    private final BatchQuoter quoter;
    private final Duration leafLifetime;
    private final boolean perConnection;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private volatile Configured configured;
    private @Nullable Minted minted;
    private final CertificateProfile profile;
    private final Duration evidenceRefresh;
    private final CertifiedLeaf certified;

    private record Minted(Leaf leaf, Instant renewAt) {}

    private ServiceIdentity(Builder builder) {
        service = builder.service;
        names = Set.copyOf(builder.names);
        provider = builder.provider;
        leafLifetime = builder.leafLifetime;
        perConnection = builder.perConnection;
        clock = builder.clock;
        profile = builder.profile;
        evidenceRefresh = builder.evidenceRefresh;
        configured = new Configured(builder.configuration.build(), builder.modules);
        certified = new CertifiedLeaf(this::certify, () -> configured, clock);
        quoter = new BatchQuoter(provider, builder.waiting, Math.min(builder.waiting, 1024));
    }

    /**
     * Starts an identity.
     *
     * @param service the name that clients expect: by default the host name that they dial. 1 to 253 bytes
     * @param provider makes the evidence; asked by up to nine threads at once, where it takes long
     * @return a builder
     */
    public static Builder builder(String service, EvidenceProvider provider) {
        return new Builder(service, provider);
    }

    /**
     * The service's name.
     *
     * @return the name
     */
    public String service() {
        return service;
    }

    /**
     * The configuration that is in force.
     *
     * @return an immutable tree
     */
    public ConfigurationTree configuration() {
        return configured.configuration();
    }

    /**
     * Changes the configuration. Every open STRICT session is attested anew before this side sends another byte of application data on it. What a module
     * brought is changed by {@link #replaceModule}, with which the module's certificate extensions follow.
     *
     * @param change from the tree in force to the new one
     * @return the new tree
     */
    public synchronized ConfigurationTree updateConfiguration(UnaryOperator<ConfigurationTree> change) {
        Configured now = configured;
        ConfigurationTree next = Objects.requireNonNull(change.apply(now.configuration()), "the changed tree");
        become(now.with(next));
        return next;
    }

    /**
     * Puts a module in the place of the one of the same name, for instance a new bundle of CAs: its leaves replace the old one's, with the effect of
     * {@link #updateConfiguration}, and certificates for new connections carry its extensions.
     *
     * @param module the module
     * @return the new tree
     * @throws IllegalArgumentException if there is no module of that name, or a leaf or extension is somebody else's already
     */
    public synchronized ConfigurationTree replaceModule(AttestedModule module) {
        become(configured.with(module));
        return configured.configuration();
    }

    private void become(Configured next) {
        configured = next;
        minted = null;
        certified.replace();
    }

    /**
     * Whether evidence can be made here.
     *
     * @return the provider's answer
     */
    public Availability available() {
        return provider.available();
    }

    @Override
    public void close() {
        quoter.close();
    }

    @Override
    public String toString() {
        return "ServiceIdentity[" + service + ", " + provider.format() + "]";
    }

    // ---- for contexts

    private final Attester attester = new Attester() {
        @Override
        public EvidenceFormat format() {
            return provider.format();
        }

        @Override
        public String service() {
            return service;
        }

        @Override
        public Bytes configurationRoot() {
            return configured.configuration().root();
        }

        @Override
        public CompletableFuture<Answer.Quote> quote(byte[] binding) {
            return quoter.quote(binding);
        }
    };

    Identity core(boolean strict) throws AttestedTlsException {
        if (!strict) {
            // The first one is waited for here, so that no handshake ever is.
            certified.get();
        }
        return new Identity() {
            @Override
            public Leaf leaf() throws AttestedTlsException {
                return strict ? strictLeaf() : certified.get();
            }

            @Override
            public Attester attester() {
                return attester;
            }
        };
    }

    private Leaf strictLeaf() throws AttestedTlsException {
        if (perConnection) {
            return mint(clock.instant());
        }
        synchronized (this) {
            Instant now = clock.instant();
            Minted current = minted;
            if (current == null || now.isAfter(current.renewAt)) {
                current = new Minted(mint(now), now.plus(leafLifetime.dividedBy(2)));
                minted = current;
            }
            return current.leaf;
        }
    }

    private CertifiedLeaf.Made certify(Instant now) throws AttestedTlsException {
        Configured said = configured;
        CertificateProfile.Issued issued = profile.issue(
                new CertificateProfile.Content(
                        service, new ArrayList<>(names), said.configuration().root(), said.extensions(), leafLifetime),
                provider,
                now,
                random);
        return new CertifiedLeaf.Made(
                new Leaf(issued.keys().getPrivate(), issued.chain()),
                said,
                now.plus(evidenceRefresh),
                issued.chain().get(0).getNotAfter().toInstant());
    }

    private Leaf mint(Instant now) throws AttestedTlsException {
        KeyPair keys = LeafCertificates.newKeys(random);
        LeafCertificates.Spec spec = new LeafCertificates.Spec(
                new X500NameBuilder(BCStyle.INSTANCE)
                        .addRDN(BCStyle.CN, service.length() <= 64 ? service : service.substring(0, 64))
                        .build(),
                null,
                new ArrayList<>(names),
                now.minus(BACKDATED),
                now.plus(leafLifetime),
                configured.extensions());
        return new Leaf(keys.getPrivate(), List.of(LeafCertificates.build(spec, keys, random)));
    }

    /** Collects what an identity is made of. */
    public static final class Builder {

        private final String service;
        private final EvidenceProvider provider;
        private final Set<String> names = new LinkedHashSet<>();
        private final Map<String, Configured.Module> modules = new LinkedHashMap<>();
        private final Set<String> leaves = new LinkedHashSet<>();
        private final ConfigurationTree.Builder configuration = ConfigurationTree.builder();
        private Duration leafLifetime = Duration.ofHours(24);
        private boolean perConnection;
        private CertificateProfile profile = CertificateProfile.ebridge();
        private Duration evidenceRefresh = Duration.ofMinutes(2);
        private int waiting = 4096;
        private InstantSource clock = InstantSource.system();

        private Builder(String service, EvidenceProvider provider) {
            int length = service.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
            if (length < 1 || length > 253) {
                throw new IllegalArgumentException("a service's name has 1 to 253 bytes, not " + length);
            }
            this.service = service;
            this.provider = Objects.requireNonNull(provider, "provider");
            names.add(service);
        }

        /**
         * Puts a further host name or IP address into certificates, for clients that name the service's identity and dial another host.
         *
         * @param host a DNS name or IP literal
         * @return this builder
         */
        public Builder hostName(String host) {
            String name = Names.normal(host);
            if (name == null) {
                throw new IllegalArgumentException("an empty host name");
            }
            names.add(name);
            return this;
        }

        /**
         * Commits to a value of the configuration.
         *
         * @param name the leaf's name
         * @param value the value; only its length and hash are kept
         * @return this builder
         */
        public Builder configuration(String name, byte[] value) {
            if (!leaves.add(name)) {
                throw new IllegalArgumentException("two values for the leaf " + name);
            }
            configuration.put(name, value);
            return this;
        }

        /**
         * Registers a module, with its configuration and extensions.
         *
         * @param module the module
         * @return this builder
         * @throws IllegalArgumentException if there is one of that name, or a leaf or extension is there already
         */
        public Builder module(AttestedModule module) {
            Configured.Module said = Configured.Module.of(module);
            if (modules.putIfAbsent(module.name(), said) != null) {
                throw new IllegalArgumentException("two modules " + module.name());
            }
            said.leaves().forEach(this::configuration);
            Configured.extensions(modules);
            return this;
        }

        /**
         * How long a leaf certificate is valid; its key is replaced at half of that.
         *
         * @param value a minute to 30 days; by default 24 h
         * @return this builder
         */
        public Builder leafLifetime(Duration value) {
            if (value.compareTo(Duration.ofMinutes(1)) < 0 || value.compareTo(Duration.ofDays(30)) > 0) {
                throw new IllegalArgumentException("leaf lifetime " + value);
            }
            leafLifetime = value;
            return this;
        }

        /**
         * Makes a key and a certificate for every STRICT connection rather than one for many. In CERTIFICATE mode, where a new key would need evidence of its
         * own, many connections share one all the same.
         *
         * @return this builder
         */
        public Builder leafPerConnection() {
            perConnection = true;
            return this;
        }

        /**
         * How certificates carry evidence in CERTIFICATE mode; STRICT ones carry none.
         *
         * @param value by default {@link CertificateProfile#ebridge()}
         * @return this builder
         */
        public Builder certificateProfile(CertificateProfile value) {
            profile = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * How old the evidence in a certificate may get before it is renewed, by a thread of its own, while handshakes go on with the old one. If that
         * fails it is tried again with later handshakes, after a second at first and a minute at most.
         *
         * @param value 1 s to 30 days; by default 2 min, well below the 5 min that policies allow by default
         * @return this builder
         */
        public Builder evidenceRefresh(Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(Duration.ofDays(30)) > 0) {
                throw new IllegalArgumentException("evidence refresh " + value);
            }
            evidenceRefresh = value;
            return this;
        }

        /**
         * How many sessions may wait for a quote at once; more fail.
         *
         * @param sessions 1 to 65,536; by default 4096
         * @return this builder
         */
        public Builder maxWaiting(int sessions) {
            if (sessions < 1 || sessions > Answer.MAX_BATCH) {
                throw new IllegalArgumentException(sessions + " waiting sessions");
            }
            waiting = sessions;
            return this;
        }

        /**
         * Dates certificates by another clock.
         *
         * @param value by default the system's
         * @return this builder
         */
        public Builder clock(InstantSource value) {
            clock = Objects.requireNonNull(value, "value");
            return this;
        }

        /**
         * Builds the identity and starts its quoting thread; further ones, eight together at most, start where quotes take long enough to overlap.
         *
         * @return the identity, to be closed
         */
        public ServiceIdentity build() {
            return new ServiceIdentity(this);
        }
    }
}
