package io.ebridge.testkit.attest;

import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.snp.SnpFeature;
import io.ebridge.attest.snp.SnpFirmware;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpReference;
import io.ebridge.attest.snp.SnpTcb;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A fake EPYC machine with an SEV-SNP guest on it: what its attestation reports say (AMD 56860, ATTESTATION_REPORT).
 *
 * <p>{@link #standard()} is a production guest on Milan at VMPL 0, reported in version 5 and signed by the chip's key (VCEK).
 */
public final class FakeSnp implements FakePlatform {
    private static final long POLICY_RESERVED_ONE = 1L << 17;
    private static final long POLICY_SMT = 1L << 16;
    private static final long POLICY_DEBUG = 1L << 19;
    private static final int DIGEST = 48;
    private static final SnpFirmware FIRMWARE = new SnpFirmware(1, 55, 41);

    private SnpProduct product = SnpProduct.MILAN;
    private int reportVersion = 5;
    private boolean vlek;
    private String vlekProvider = "";
    private String machine = "default";
    private byte[] measurement = Values.measurement("snp image default");
    private byte[] hostData = Values.measurement32("snp host data");
    private byte[] idKeyDigest = Values.measurement("snp ID key");
    private byte[] authorKeyDigest = Values.measurement("snp author key");
    private byte[] familyId = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    private byte[] imageId = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    private int guestSvn = 2;
    private int vmpl;
    private long guestPolicy = POLICY_RESERVED_ONE | POLICY_SMT | 0x1f;
    private long platformInfo = 0x27;
    private SnpTcb reportedTcb = new SnpTcb(0, 4, 0, 24, 213);
    private SnpTcb currentTcb = reportedTcb;
    private long mitigations = 0x3f;

    private FakeSnp() {}

    private FakeSnp copy(Consumer<FakeSnp> change) {
        FakeSnp c = new FakeSnp();
        c.product = product;
        c.reportVersion = reportVersion;
        c.vlek = vlek;
        c.vlekProvider = vlekProvider;
        c.machine = machine;
        c.measurement = measurement;
        c.hostData = hostData;
        c.idKeyDigest = idKeyDigest;
        c.authorKeyDigest = authorKeyDigest;
        c.familyId = familyId;
        c.imageId = imageId;
        c.guestSvn = guestSvn;
        c.vmpl = vmpl;
        c.guestPolicy = guestPolicy;
        c.platformInfo = platformInfo;
        c.reportedTcb = reportedTcb;
        c.currentTcb = currentTcb;
        c.mitigations = mitigations;
        change.accept(c);
        return c;
    }

    /**
     * A production guest on Milan.
     *
     * @return the platform
     */
    public static FakeSnp standard() {
        return new FakeSnp();
    }

    /**
     * Runs on another line of processors; TCB versions become ones of that line.
     *
     * @param line the product
     * @return a copy
     */
    public FakeSnp product(SnpProduct line) {
        SnpTcb tcb =
                switch (line) {
                    case MILAN -> new SnpTcb(0, 4, 0, 24, 213);
                    case GENOA -> new SnpTcb(0, 10, 0, 23, 84);
                    case TURIN -> new SnpTcb(1, 1, 1, 4, 81);
                };
        return copy(c -> {
            c.product = line;
            c.reportedTcb = tcb;
            c.currentTcb = tcb;
        });
    }

    /**
     * Writes another version of the report.
     *
     * @param version 2, 3 or 5
     * @return a copy
     * @throws IllegalArgumentException if it is none of these
     */
    public FakeSnp reportVersion(int version) {
        if (version != 2 && version != 3 && version != 5) {
            throw new IllegalArgumentException("reports are of version 2, 3 or 5, not " + version);
        }
        return copy(c -> c.reportVersion = version);
    }

    /**
     * Lets a loaded key (VLEK) sign instead of the chip's, which masks the chip id.
     *
     * @param provider the cloud provider's name in the key's certificate, for example {@code CN=cc.insecure-test.invalid}
     * @return a copy
     * @throws IllegalArgumentException if it is empty or not ASCII
     */
    public FakeSnp vlek(String provider) {
        if (provider.isEmpty() || !provider.chars().allMatch(ch -> ch >= 0x20 && ch < 0x7f)) {
            throw new IllegalArgumentException("provider " + provider);
        }
        return copy(c -> {
            c.vlek = true;
            c.vlekProvider = provider;
        });
    }

    /**
     * Runs on another machine: another chip id and key.
     *
     * @param name any name
     * @return a copy
     */
    public FakeSnp machine(String name) {
        Objects.requireNonNull(name, "name");
        return copy(c -> c.machine = name);
    }

    /**
     * Runs another image: the launch measurement becomes a value that follows from the name.
     *
     * @param name any name
     * @return a copy
     */
    public FakeSnp image(String name) {
        return measurement(Values.measurement("snp image " + name));
    }

    /**
     * Reports a launch measurement.
     *
     * @param value 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public FakeSnp measurement(byte[] value) {
        byte[] v = Values.exactly(DIGEST, value, "a measurement");
        return copy(c -> c.measurement = v);
    }

    /**
     * Reports host data.
     *
     * @param value 32 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public FakeSnp hostData(byte[] value) {
        byte[] v = Values.exactly(32, value, "host data");
        return copy(c -> c.hostData = v);
    }

    /**
     * Reports an ID block: who signed the image and what it is called.
     *
     * @param idKey digest of the ID key, 48 bytes; copied
     * @param authorKey digest of the author key, 48 bytes, all zero for none; copied
     * @param family the family id, 16 bytes; copied
     * @param image the image id, 16 bytes; copied
     * @param svn the guest's security version
     * @return a copy
     * @throws IllegalArgumentException if a length is wrong or the version negative
     */
    public FakeSnp idBlock(byte[] idKey, byte[] authorKey, byte[] family, byte[] image, int svn) {
        byte[] id = Values.exactly(DIGEST, idKey, "an ID key digest");
        byte[] author = Values.exactly(DIGEST, authorKey, "an author key digest");
        byte[] fam = Values.exactly(16, family, "a family id");
        byte[] img = Values.exactly(16, image, "an image id");
        if (svn < 0) {
            throw new IllegalArgumentException("guest SVN " + svn);
        }
        return copy(c -> {
            c.idKeyDigest = id;
            c.authorKeyDigest = author;
            c.familyId = fam;
            c.imageId = img;
            c.guestSvn = svn;
        });
    }

    /**
     * Asks for the report at another privilege level.
     *
     * @param level 0 to 3
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FakeSnp vmpl(int level) {
        Objects.checkIndex(level, 4);
        return copy(c -> c.vmpl = level);
    }

    /**
     * Launches the guest with another policy.
     *
     * @param bits the 64 bits; bit 17 must be one in every policy and is set here
     * @return a copy
     */
    public FakeSnp guestPolicy(long bits) {
        return copy(c -> c.guestPolicy = bits | POLICY_RESERVED_ONE);
    }

    /**
     * Reports other platform information.
     *
     * @param bits the 64 bits
     * @return a copy
     */
    public FakeSnp platformInfo(long bits) {
        return copy(c -> c.platformInfo = bits);
    }

    /**
     * Launches the guest with a policy that allows debugging.
     *
     * @return a copy
     */
    public FakeSnp debug() {
        return guestPolicy(guestPolicy | POLICY_DEBUG);
    }

    /**
     * Reports a TCB, and issues the endorsement key certificate for it.
     *
     * @param reported reported TCB
     * @param current current, committed and launch TCB, not below it
     * @return a copy
     * @throws IllegalArgumentException if the current one is below the reported one
     */
    public FakeSnp tcb(SnpTcb reported, SnpTcb current) {
        if (!current.atLeast(reported)) {
            throw new IllegalArgumentException("current TCB " + current + " is below the reported " + reported);
        }
        return copy(c -> {
            c.reportedTcb = reported;
            c.currentTcb = current;
        });
    }

    /**
     * Reports mitigation vectors (version 5 only).
     *
     * @param bits the bits, for launch and now
     * @return a copy
     */
    public FakeSnp mitigations(long bits) {
        return copy(c -> c.mitigations = bits);
    }

    /**
     * The product that it runs on.
     *
     * @return the product
     */
    public SnpProduct product() {
        return product;
    }

    /**
     * The launch measurement that reports carry.
     *
     * @return 48 bytes
     */
    public byte[] measurement() {
        return measurement.clone();
    }

    /**
     * The TCB that reports name and the endorsement key is for.
     *
     * @return the version
     */
    public SnpTcb reportedTcb() {
        return reportedTcb;
    }

    /**
     * The provider whose loaded key signs.
     *
     * @return its name; empty where the chip's own key signs
     */
    public String vlekProvider() {
        return vlekProvider;
    }

    /**
     * A policy that accepts this platform and no other image: production mode, all collateral demanded.
     *
     * @return the policy
     */
    @Override
    public SnpPolicy policy() {
        return policyBuilder().build();
    }

    /**
     * What {@link #policy()} is built from, to add demands to.
     *
     * @return a builder that has the measurement as its only reference values
     */
    public SnpPolicy.Builder policyBuilder() {
        SnpPolicy.Builder policy = SnpPolicy.builder().measurement(measurement).vmpl(vmpl);
        return vlek ? policy.vlekProvider(vlekProvider) : policy;
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SNP;
    }

    @Override
    public boolean isDebug() {
        return (guestPolicy & POLICY_DEBUG) != 0;
    }

    @Override
    public SnpPolicy strictPolicy(FakeQuotingEnclave enclave) {
        SnpReference reference = SnpReference.ofMeasurement(measurement)
                .withFamilyAndImage(familyId, imageId)
                .withHostData(hostData)
                .withMinGuestSvn(guestSvn);
        if (!Arrays.equals(idKeyDigest, new byte[DIGEST])) {
            reference = reference.withIdKey(idKeyDigest);
        }
        if (hasAuthorKey()) {
            reference = reference.withAuthorKey(authorKeyDigest);
        }
        SnpPolicy.Builder policy = SnpPolicy.builder()
                .allow(reference)
                .vmpl(vmpl)
                .product(product)
                .minTcb(product, reportedTcb)
                .minLaunchTcb(product, currentTcb)
                .minFirmware(FIRMWARE);
        // What the platform information says: TSME, ECC, alias check.
        if ((platformInfo & 2) != 0) {
            policy.require(SnpFeature.TSME);
        }
        if ((platformInfo & 4) != 0) {
            policy.require(SnpFeature.ECC);
        }
        if ((platformInfo & 0x20) != 0) {
            policy.require(SnpFeature.ALIAS_CHECK);
        }
        if (reportVersion == 5) {
            policy.requireMitigations(mitigations);
        }
        if (vlek) {
            policy.vlekProvider(vlekProvider);
        } else {
            policy.chip(chipId(enclave.seed()));
        }
        return policy.build();
    }

    boolean isVlek() {
        return vlek;
    }

    int reportVersion() {
        return reportVersion;
    }

    String machine() {
        return machine;
    }

    byte[] hostData() {
        return hostData;
    }

    byte[] idKeyDigest() {
        return idKeyDigest;
    }

    byte[] authorKeyDigest() {
        return authorKeyDigest;
    }

    boolean hasAuthorKey() {
        return !Arrays.equals(authorKeyDigest, new byte[DIGEST]);
    }

    byte[] familyId() {
        return familyId;
    }

    byte[] imageId() {
        return imageId;
    }

    int guestSvn() {
        return guestSvn;
    }

    int vmpl() {
        return vmpl;
    }

    long guestPolicy() {
        return guestPolicy;
    }

    long platformInfo() {
        return platformInfo;
    }

    SnpTcb currentTcb() {
        return currentTcb;
    }

    long mitigations() {
        return mitigations;
    }

    /** Family, model and stepping. */
    byte[] cpuid() {
        return switch (product) {
            case MILAN -> new byte[] {0x19, 0x01, 0x01};
            case GENOA -> new byte[] {0x19, 0x11, 0x01};
            case TURIN -> new byte[] {0x1a, 0x02, 0x01};
        };
    }

    /** 64 bytes, on Turin 8 and zeros. */
    byte[] chipId(Seed seed) {
        byte[] id = seed.bytes("amd chip id " + product + machine, 64);
        return product == SnpProduct.TURIN ? Arrays.copyOf(Arrays.copyOf(id, 8), 64) : id;
    }

    /** The format and its variant. */
    @Override
    public String toString() {
        return "SNP v" + reportVersion + ", " + product + (vlek ? ", VLEK" : ", VCEK") + (isDebug() ? ", debug" : "");
    }
}
