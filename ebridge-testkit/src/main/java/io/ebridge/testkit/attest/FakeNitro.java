package io.ebridge.testkit.attest;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.PcrSet;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A fake EC2 instance with a Nitro Enclave on it: what its attestation documents report (AWS NSM API, attestation process, section 2.2).
 *
 * <p>{@link #standard()} reports PCR0 to PCR4 and PCR8 as a signed production image with an instance role would, the others as zero.
 */
public final class FakeNitro implements FakePlatform {
    private static final int PCRS = 32;
    private static final int LOCKED_AT_BOOT = 16;
    private static final int PCR_BYTES = 48;

    private TreeMap<Integer, byte[]> pcrs = new TreeMap<>();
    private boolean debug;
    private boolean indefinite;
    private String region = "us-east-1";
    private String machine = "default";

    private FakeNitro() {}

    private FakeNitro copy(Consumer<FakeNitro> change) {
        FakeNitro c = new FakeNitro();
        c.pcrs = new TreeMap<>(pcrs);
        c.debug = debug;
        c.indefinite = indefinite;
        c.region = region;
        c.machine = machine;
        change.accept(c);
        return c;
    }

    /**
     * A production enclave that runs the image {@code default}.
     *
     * @return the platform
     */
    public static FakeNitro standard() {
        FakeNitro p = new FakeNitro();
        p.pcrs.put(3, Values.measurement("nitro role"));
        p.pcrs.put(4, Values.measurement("nitro instance"));
        return p.image("default");
    }

    /**
     * Runs another image: PCR0, PCR1, PCR2 and PCR8 become values that follow from the name.
     *
     * @param name any name
     * @return a copy
     */
    public FakeNitro image(String name) {
        Objects.requireNonNull(name, "name");
        return copy(c -> {
            for (int i : new int[] {0, 1, 2, 8}) {
                c.pcrs.put(i, Values.measurement("nitro image " + name + " pcr " + i));
            }
        });
    }

    /**
     * Reports a value for a PCR. Documents report PCR0 to PCR15, and of the others those that were given a value.
     *
     * @param index 0 to 31
     * @param value 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if index or length is out of range
     */
    public FakeNitro pcr(int index, byte[] value) {
        checkIndex(index);
        byte[] v = Values.exactly(PCR_BYTES, value, "a PCR");
        return copy(c -> c.pcrs.put(index, v));
    }

    /**
     * Runs in debug mode: PCR0, PCR1 and PCR2 are reported as zero, the others as they are.
     *
     * @return a copy
     */
    public FakeNitro debug() {
        return copy(c -> c.debug = true);
    }

    /**
     * Writes the payload as a map of indefinite length, as documents since the end of 2025 have it.
     *
     * @return a copy
     */
    public FakeNitro indefiniteMap() {
        return copy(c -> c.indefinite = true);
    }

    /**
     * Runs in another region, which shows in certificate names only.
     *
     * @param name for example {@code eu-central-1}; at most 20 of {@code a-z}, {@code 0-9} and {@code -}
     * @return a copy
     * @throws IllegalArgumentException if it has other characters or another length
     */
    public FakeNitro region(String name) {
        if (!name.matches("[a-z0-9-]{1,20}")) {
            throw new IllegalArgumentException("region " + name);
        }
        return copy(c -> c.region = name);
    }

    /**
     * Runs on another instance with another enclave id: both show in {@code module_id}.
     *
     * @param name any name
     * @return a copy
     */
    public FakeNitro machine(String name) {
        Objects.requireNonNull(name, "name");
        return copy(c -> c.machine = name);
    }

    /**
     * The value that a document reports for a PCR.
     *
     * @param index 0 to 31
     * @return 48 bytes
     * @throws IllegalArgumentException if the index is out of range
     */
    public byte[] pcr(int index) {
        checkIndex(index);
        if (debug && index <= 2) {
            return new byte[PCR_BYTES];
        }
        return pcrs.getOrDefault(index, new byte[PCR_BYTES]).clone();
    }

    private static void checkIndex(int index) {
        if (index < 0 || index >= PCRS) {
            throw new IllegalArgumentException("PCR " + index + "; there are 0 to 31");
        }
    }

    /**
     * A policy that accepts this platform and no other image: production mode, all collateral demanded.
     *
     * @return the policy
     */
    @Override
    public NitroPolicy policy() {
        return policyBuilder().build();
    }

    /**
     * What {@link #policy()} is built from, to add demands to.
     *
     * @return a builder that has PCR0 to PCR4 and PCR8 as its only reference values
     */
    public NitroPolicy.Builder policyBuilder() {
        Map<Integer, Bytes> values = new TreeMap<>();
        for (int i : new int[] {0, 1, 2, 3, 4, 8}) {
            byte[] value = pcrs.get(i);
            if (value != null && !Arrays.equals(value, new byte[PCR_BYTES])) {
                values.put(i, Bytes.of(value));
            }
        }
        return NitroPolicy.builder().allow(PcrSet.of(values));
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.NITRO;
    }

    @Override
    public boolean isDebug() {
        return debug;
    }

    @Override
    public NitroPolicy strictPolicy(FakeQuotingEnclave enclave) {
        return policy();
    }

    /** What a document reports. */
    SortedMap<Integer, byte[]> measured() {
        SortedMap<Integer, byte[]> values = new TreeMap<>();
        for (int i = 0; i < PCRS; i++) {
            if (i < LOCKED_AT_BOOT || pcrs.containsKey(i)) {
                values.put(i, pcr(i));
            }
        }
        return values;
    }

    boolean hasIndefiniteMap() {
        return indefinite;
    }

    String region() {
        return region;
    }

    String instanceId(Seed seed) {
        return "i-" + seed.hex("nitro instance id " + machine, 17);
    }

    long enclaveId(Seed seed) {
        return Long.parseLong(seed.hex("nitro enclave id " + machine, 14), 16) | 0x0100_0000_0000_0000L;
    }

    String moduleId(Seed seed) {
        return instanceId(seed) + "-enc" + HexFormat.of().toHexDigits(enclaveId(seed));
    }

    /** The format and its variant. */
    @Override
    public String toString() {
        return "Nitro" + (indefinite ? ", indefinite map" : "") + (debug ? ", debug" : "");
    }
}
