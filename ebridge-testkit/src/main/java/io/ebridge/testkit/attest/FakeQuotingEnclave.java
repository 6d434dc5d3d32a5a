package io.ebridge.testkit.attest;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.Availability;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.CollateralUnavailableException;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.TrustAnchor;
import io.ebridge.attest.TrustAnchors;
import io.ebridge.attest.Vendor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes evidence that is real in every respect but the root: documents, quotes and reports laid out and signed as the vendors' are, under a
 * public key infrastructure of its own.
 *
 * <p>Guarantees: {@link #verifier()} accepts its evidence under {@link #policy()}; no default trust anchor does, and every certificate says
 * {@code INSECURE TEST} in its subject. The same platform, seed, clock and request give the same evidence and the same collateral, byte for byte, on
 * every JDK: signatures are deterministic (RFC 6979) or salted from the seed. With a {@link Defect} it is wrong in exactly one way. Not guaranteed:
 * any secrecy; all keys follow from a published seed or are published themselves.
 *
 * <p>It is an {@link EvidenceProvider}, so that code under test does not know the difference:
 *
 * <pre>{@code
 * FakeQuotingEnclave enclave = FakeQuotingEnclave.nitro();
 * Evidence evidence = enclave.quote(reportData, nonce);
 * AttestationResult result = enclave.verifier().verify(
 *         evidence, enclave.policy().withReportData(reportData).withNonce(nonce));
 * }</pre>
 *
 * <p>Certificates that a vendor keeps for years start with the clock's year, those of days with its day, those of hours with its hour, and all
 * others at fixed dates; so evidence and collateral are current whatever the clock says, between 2020-02-01 and 2045.
 *
 * <p>Immutable and thread-safe; every method that changes something returns a copy. Keys and certificates are made when first needed and shared by
 * all fakes with the same seed.
 */
public final class FakeQuotingEnclave implements EvidenceProvider {
    private static final Instant EARLIEST = Instant.parse("2020-02-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2045-01-01T00:00:00Z");

    private final FakePlatform platform;
    private final Seed seed;
    private final InstantSource clock;
    private final Set<Defect> defects;
    private final boolean attached;
    private final EvidenceUnavailableException.@Nullable Reason failure;

    private FakeQuotingEnclave(
            FakePlatform platform,
            Seed seed,
            InstantSource clock,
            Set<Defect> defects,
            boolean attached,
            EvidenceUnavailableException.@Nullable Reason failure) {
        this.platform = platform;
        this.seed = seed;
        this.clock = clock;
        this.defects = defects;
        this.attached = attached;
        this.failure = failure;
    }

    /**
     * Runs on a platform, with seed 0 and the system clock.
     *
     * @param platform what it pretends to be
     * @return the enclave
     */
    public static FakeQuotingEnclave of(FakePlatform platform) {
        return new FakeQuotingEnclave(
                Objects.requireNonNull(platform, "platform"),
                Seed.of(0),
                InstantSource.system(),
                EnumSet.noneOf(Defect.class),
                false,
                null);
    }

    /**
     * A Nitro enclave as {@link FakeNitro#standard()} has it.
     *
     * @return the enclave
     */
    public static FakeQuotingEnclave nitro() {
        return of(FakeNitro.standard());
    }

    /**
     * An SGX enclave as {@link FakeSgx#standard()} has it.
     *
     * @return the enclave
     */
    public static FakeQuotingEnclave sgx() {
        return of(FakeSgx.standard());
    }

    /**
     * A TDX guest as {@link FakeTdx#standard()} has it.
     *
     * @return the enclave
     */
    public static FakeQuotingEnclave tdx() {
        return of(FakeTdx.standard());
    }

    /**
     * A SEV-SNP guest as {@link FakeSnp#standard()} has it.
     *
     * @return the enclave
     */
    public static FakeQuotingEnclave snp() {
        return of(FakeSnp.standard());
    }

    /**
     * An enclave of a format, as its platform's {@code standard()} has it.
     *
     * @param format the format
     * @return the enclave
     */
    public static FakeQuotingEnclave of(EvidenceFormat format) {
        return switch (format) {
            case NITRO -> nitro();
            case SGX -> sgx();
            case TDX -> tdx();
            case SNP -> snp();
        };
    }

    /**
     * Runs on another platform under the same roots.
     *
     * @param other the platform
     * @return a copy
     */
    public FakeQuotingEnclave on(FakePlatform other) {
        return new FakeQuotingEnclave(Objects.requireNonNull(other, "other"), seed, clock, defects, attached, failure);
    }

    /**
     * Uses other keys. Fakes with different seeds do not trust each other's Nitro and Intel evidence; AMD's root keys are embedded and the same for
     * all seeds.
     *
     * @param value any number
     * @return a copy
     */
    public FakeQuotingEnclave seed(long value) {
        return new FakeQuotingEnclave(platform, Seed.of(value), clock, defects, attached, failure);
    }

    /**
     * Takes the time from another clock: it dates certificates, collateral and Nitro documents, and {@link #verifier()} judges by it.
     *
     * @param instants the clock
     * @return a copy
     */
    public FakeQuotingEnclave clock(InstantSource instants) {
        return new FakeQuotingEnclave(
                platform, seed, Objects.requireNonNull(instants, "instants"), defects, attached, failure);
    }

    /**
     * Is wrong in one more way, in its evidence or in its collateral. {@link #policy()}, {@link #trustAnchors()} and {@link #verifier()} stay what they
     * are without.
     *
     * @param defect the way
     * @return a copy
     * @throws IllegalArgumentException if the defect is none of this format
     */
    public FakeQuotingEnclave with(Defect defect) {
        if (!defect.formats().contains(format())) {
            throw new IllegalArgumentException(defect + " is no defect of " + format());
        }
        Set<Defect> all = EnumSet.of(defect);
        all.addAll(defects);
        return new FakeQuotingEnclave(platform, seed, clock, all, attached, failure);
    }

    /**
     * Attaches its collateral to every piece of evidence, for verifiers without a source of their own.
     *
     * @return a copy
     */
    public FakeQuotingEnclave attachingCollateral() {
        return new FakeQuotingEnclave(platform, seed, clock, defects, true, failure);
    }

    /**
     * Has no working device: {@link #available()} says no, and asking for evidence fails for that reason.
     *
     * @param reason the reason
     * @return a copy
     */
    public FakeQuotingEnclave unavailable(EvidenceUnavailableException.Reason reason) {
        return new FakeQuotingEnclave(
                platform, seed, clock, defects, attached, Objects.requireNonNull(reason, "reason"));
    }

    /**
     * What it pretends to run on.
     *
     * @return the platform
     */
    public FakePlatform platform() {
        return platform;
    }

    /**
     * The ways in which it is wrong.
     *
     * @return an unmodifiable set
     */
    public Set<Defect> defects() {
        return Set.copyOf(defects);
    }

    @Override
    public EvidenceFormat format() {
        return platform.format();
    }

    @Override
    public Availability available() {
        return failure == null ? Availability.yes() : Availability.no("the fake was told to fail: " + failure);
    }

    @Override
    public Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException {
        if (failure != null) {
            throw new EvidenceUnavailableException(failure, "the fake was told to fail", null);
        }
        Instant now = now();
        Tampering tampering = tampering(now);
        EvidenceRequest asked = tampering.pass(Site.REQUEST, request);
        byte[] reportData = asked.reportData().toByteArray();
        FakePlatform machine = tampering.pass(Site.PLATFORM, platform);
        byte[] bytes;
        if (machine instanceof FakeNitro p) {
            bytes = nitroDocument(
                    p,
                    p.measured(),
                    now,
                    reportData,
                    asked.nonce().map(Bytes::toByteArray).orElse(null),
                    asked.publicKeySha256().map(Bytes::toByteArray).orElse(null),
                    tampering);
        } else if (machine instanceof FakeSgx p) {
            bytes = Forges.of(seed)
                    .intel()
                    .quote(p, intelCertificates(p.machine(), now, tampering), reportData, tampering);
        } else if (machine instanceof FakeTdx p) {
            bytes = Forges.of(seed)
                    .intel()
                    .quote(p, intelCertificates(p.machine(), now, tampering), reportData, tampering);
        } else {
            bytes = Forges.of(seed).snp().report((FakeSnp) machine, reportData, tampering);
        }
        Evidence evidence = Evidence.of(tampering.pass(Site.FORMAT, format()), bytes);
        return attached ? evidence.withCollateral(collateral()) : evidence;
    }

    /** A document over whatever fields and PCRs a Nitro Secure Module was given. */
    byte[] nitroDocument(
            FakeNitro machine,
            SortedMap<Integer, byte[]> pcrs,
            byte @Nullable [] userData,
            byte @Nullable [] nonce,
            byte @Nullable [] publicKey)
            throws EvidenceUnavailableException {
        if (failure != null) {
            throw new EvidenceUnavailableException(failure, "the fake was told to fail", null);
        }
        Instant now = now();
        return nitroDocument(machine, pcrs, now, userData, nonce, publicKey, tampering(now));
    }

    /** A document over user data of any length, on the platform as defects leave it. */
    byte[] nitroDocument(byte[] userData, byte @Nullable [] nonce) throws EvidenceUnavailableException {
        FakeNitro machine = (FakeNitro) tampering(now()).pass(Site.PLATFORM, platform);
        return nitroDocument(machine, machine.measured(), userData, nonce, null);
    }

    private byte[] nitroDocument(
            FakeNitro machine,
            SortedMap<Integer, byte[]> pcrs,
            Instant now,
            byte @Nullable [] userData,
            byte @Nullable [] nonce,
            byte @Nullable [] publicKey,
            Tampering tampering) {
        return Forges.of(seed)
                .nitro()
                .document(
                        machine, nitroChain(machine, now, tampering), pcrs, now, userData, nonce, publicKey, tampering);
    }

    /**
     * Everything a verifier needs beside the evidence, as of now: current, complete and signed, but for what a defect does to it. Empty for Nitro,
     * whose documents carry all certificates.
     *
     * @return the collateral
     */
    public Collateral collateral() {
        Instant now = now();
        Tampering tampering = tampering(now);
        FakePlatform actual = tampering.pass(Site.PLATFORM, platform);
        if (actual instanceof FakeNitro p) {
            nitroChain(p, now, tampering);
            return tampering.pass(Site.COLLATERAL, new CollateralSpec()).build();
        }
        if (actual instanceof FakeSnp p) {
            SnpForge forge = Forges.of(seed).snp();
            return forge.collateral(p, amdCertificates(p, now, tampering), tampering)
                    .build();
        }
        DcapMachine machine = actual instanceof FakeSgx s ? s.machine() : ((FakeTdx) actual).machine();
        return Forges.of(seed)
                .intel()
                .collateral(actual, intelCertificates(machine, now, tampering), now, tampering)
                .build();
    }

    /**
     * A source that makes {@link #collateral()} anew for every request, so that it stays current when the clock moves.
     *
     * @return the source
     */
    public CollateralSource collateralSource() {
        return request -> {
            if (defects.contains(Defect.COLLATERAL_SOURCE_DOWN)) {
                throw new CollateralUnavailableException(
                        CollateralUnavailableException.Reason.UNREACHABLE, "the fake source was told to fail", null);
            }
            return request.format() == format() ? collateral() : Collateral.none();
        };
    }

    /**
     * The test roots: this seed's Nitro and Intel roots and AMD's three test roots.
     *
     * @return the only anchors that its evidence leads to
     */
    public TrustAnchors trustAnchors() {
        List<TrustAnchor> anchors = new ArrayList<>();
        for (X509Certificate root : roots()) {
            String name = root.getSubjectX500Principal().getName();
            Vendor vendor = name.contains("aws") ? Vendor.AWS : name.contains("SGX") ? Vendor.INTEL : Vendor.AMD;
            anchors.add(TrustAnchor.of(vendor, root));
        }
        return TrustAnchors.of(anchors);
    }

    /**
     * The certificates of the test roots: Nitro, Intel, and AMD's for Milan, Genoa and Turin.
     *
     * @return self-signed certificates
     */
    public List<X509Certificate> roots() {
        Forges forges = Forges.of(seed);
        return forges.once("roots", k -> {
            List<X509Certificate> roots = new ArrayList<>();
            roots.add(forges.nitro().root(Tampering.NONE).x509());
            roots.add(forges.intel().pki().root(Tampering.NONE).x509());
            for (io.ebridge.attest.snp.SnpProduct product : io.ebridge.attest.snp.SnpProduct.values()) {
                roots.add(AmdPki.ark(product, Tampering.NONE).x509());
            }
            return List.copyOf(roots);
        });
    }

    /**
     * A verifier that trusts the test roots, finds the collateral and goes by the same clock.
     *
     * @return a new verifier
     */
    public EvidenceVerifier verifier() {
        return EvidenceVerifier.builder()
                .trustAnchors(trustAnchors())
                .collateral(collateralSource())
                .clock(clock)
                .build();
    }

    /**
     * The platform's {@link FakePlatform#policy() policy}: accepts its evidence, without defects and in production mode, and expects no particular
     * report data or nonce yet.
     *
     * @return the policy
     */
    public AppraisalPolicy policy() {
        return platform.policy();
    }

    /**
     * The platform's {@link FakePlatform#strictPolicy strict policy}: demands all that it shows, so that every {@link Defect} violates it.
     *
     * @return the policy
     */
    public AppraisalPolicy strictPolicy() {
        return platform.strictPolicy(this);
    }

    /** The format, and what is wrong. */
    @Override
    public String toString() {
        return "FakeQuotingEnclave[" + platform + (defects.isEmpty() ? "" : " " + defects) + "]";
    }

    Seed seed() {
        return seed;
    }

    Tampering tampering(Instant now) {
        Tampering all = Tampering.NONE;
        for (Defect d : defects) {
            all = all.and(d.tampering(new Defects.Scene(platform, seed, now)));
        }
        return all;
    }

    Instant now() {
        Instant now = clock.instant();
        if (now.isBefore(EARLIEST) || now.isAfter(LATEST)) {
            throw new IllegalStateException(
                    "the fake's certificates span " + EARLIEST + " to " + LATEST + "; its clock says " + now);
        }
        return now;
    }

    private NitroForge.Chain nitroChain(FakeNitro p, Instant now, Tampering tampering) {
        Forges forges = Forges.of(seed);
        if (tampering.touches(Site.NITRO_CHAIN)) {
            return forges.nitro().chain(p, now, tampering);
        }
        return forges.once(
                List.of("nitro", p.region(), p.moduleId(seed), now.truncatedTo(ChronoUnit.HOURS)),
                k -> forges.nitro().chain(p, now, Tampering.NONE));
    }

    private IntelPki.Certificates intelCertificates(DcapMachine machine, Instant now, Tampering tampering) {
        Forges forges = Forges.of(seed);
        IntelPki pki = forges.intel().pki();
        if (tampering.touches(Site.INTEL_CERTIFICATES)) {
            return pki.issue(
                    machine.name(), tampering.pass(Site.PCK_EXTENSION, machine.extension(seed)), now, tampering);
        }
        return forges.once(
                List.of("intel", machine.name(), machine.platformCa(), now.truncatedTo(ChronoUnit.DAYS)),
                k -> pki.issue(machine.name(), machine.extension(seed), now, Tampering.NONE));
    }

    private AmdPki.Certificates amdCertificates(FakeSnp p, Instant now, Tampering tampering) {
        Forges forges = Forges.of(seed);
        if (tampering.touches(Site.AMD_CERTIFICATES)) {
            return forges.snp().pki().issue(p, now, tampering);
        }
        return forges.once(
                List.of(
                        "amd",
                        p.product(),
                        p.machine(),
                        p.vlekProvider(),
                        p.reportedTcb(),
                        now.truncatedTo(ChronoUnit.DAYS)),
                k -> forges.snp().pki().issue(p, now, Tampering.NONE));
    }
}
