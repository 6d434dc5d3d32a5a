package io.ebridge.testkit.attest;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A fake Intel machine with an SGX enclave on it: what its quotes report (Intel SDM, REPORT structure), and what Intel's documents say of the
 * machine.
 *
 * <p>{@link #standard()} is a production enclave on an up-to-date machine whose PCK certificate comes from the Platform CA; quote version 3.
 */
public final class FakeSgx implements FakePlatform {
    private static final long INIT = 1;
    private static final long DEBUG = 2;
    private static final long MODE64BIT = 4;

    private DcapMachine machine = DcapMachine.STANDARD;
    private byte[] mrEnclave = Values.measurement32("sgx enclave default");
    private byte[] mrSigner = Values.measurement32("sgx signer default");
    private int isvProdId = 1;
    private int isvSvn = 2;
    private byte[] configId = new byte[64];
    private int configSvn;
    private byte[] familyId = new byte[16];
    private byte[] extendedProductId = new byte[16];
    private boolean debug;
    private int quoteVersion = 3;

    private FakeSgx() {}

    private FakeSgx copy(Consumer<FakeSgx> change) {
        FakeSgx c = new FakeSgx();
        c.machine = machine;
        c.mrEnclave = mrEnclave;
        c.mrSigner = mrSigner;
        c.isvProdId = isvProdId;
        c.isvSvn = isvSvn;
        c.configId = configId;
        c.configSvn = configSvn;
        c.familyId = familyId;
        c.extendedProductId = extendedProductId;
        c.debug = debug;
        c.quoteVersion = quoteVersion;
        change.accept(c);
        return c;
    }

    /**
     * A production enclave on an up-to-date machine.
     *
     * @return the platform
     */
    public static FakeSgx standard() {
        return new FakeSgx();
    }

    /**
     * Runs another enclave of another signer: MRENCLAVE and MRSIGNER become values that follow from the names.
     *
     * @param enclave any name
     * @param signer any name
     * @return a copy
     */
    public FakeSgx image(String enclave, String signer) {
        Objects.requireNonNull(enclave, "enclave");
        Objects.requireNonNull(signer, "signer");
        return mrEnclave(Values.measurement32("sgx enclave " + enclave))
                .mrSigner(Values.measurement32("sgx signer " + signer));
    }

    /**
     * Reports an MRENCLAVE.
     *
     * @param value 32 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public FakeSgx mrEnclave(byte[] value) {
        byte[] v = Values.exactly(32, value, "MRENCLAVE");
        return copy(c -> c.mrEnclave = v);
    }

    /**
     * Reports an MRSIGNER.
     *
     * @param value 32 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 32 bytes
     */
    public FakeSgx mrSigner(byte[] value) {
        byte[] v = Values.exactly(32, value, "MRSIGNER");
        return copy(c -> c.mrSigner = v);
    }

    /**
     * Reports a product and its security version.
     *
     * @param isvProdId ISVPRODID, 0 to 65535
     * @param isvSvn ISVSVN, 0 to 65535
     * @return a copy
     * @throws IllegalArgumentException if either is out of range
     */
    public FakeSgx product(int isvProdId, int isvSvn) {
        Values.u16(isvProdId, "ISVPRODID");
        Values.u16(isvSvn, "ISVSVN");
        return copy(c -> {
            c.isvProdId = isvProdId;
            c.isvSvn = isvSvn;
        });
    }

    /**
     * Reports the fields of key separation and sharing.
     *
     * @param configId CONFIGID, 64 bytes; copied
     * @param configSvn CONFIGSVN, 0 to 65535
     * @param familyId ISVFAMILYID, 16 bytes; copied
     * @param extendedProductId ISVEXTPRODID, 16 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if a length or number is out of range
     */
    public FakeSgx keySeparation(byte[] configId, int configSvn, byte[] familyId, byte[] extendedProductId) {
        byte[] config = Values.exactly(64, configId, "CONFIGID");
        byte[] family = Values.exactly(16, familyId, "ISVFAMILYID");
        byte[] extended = Values.exactly(16, extendedProductId, "ISVEXTPRODID");
        Values.u16(configSvn, "CONFIGSVN");
        return copy(c -> {
            c.configId = config;
            c.configSvn = configSvn;
            c.familyId = family;
            c.extendedProductId = extended;
        });
    }

    /**
     * Sets the DEBUG attribute.
     *
     * @return a copy
     */
    public FakeSgx debug() {
        return copy(c -> c.debug = true);
    }

    /**
     * Writes another version of the quote.
     *
     * @param version 3, 4 or 5
     * @return a copy
     * @throws IllegalArgumentException if it is none of these
     */
    public FakeSgx quoteVersion(int version) {
        if (version < 3 || version > 5) {
            throw new IllegalArgumentException("SGX quotes are of version 3, 4 or 5, not " + version);
        }
        return copy(c -> c.quoteVersion = version);
    }

    /**
     * Runs on another machine: another PCK certificate and key.
     *
     * @param name any name
     * @return a copy
     */
    public FakeSgx machine(String name) {
        Objects.requireNonNull(name, "name");
        return with(m -> m.withName(name));
    }

    /**
     * Takes the PCK certificate from the Processor CA, as single-package machines have it.
     *
     * @return a copy
     */
    public FakeSgx processorCa() {
        return with(m -> m.withPlatformCa(false));
    }

    /**
     * Lets the TCB info say this of the machine.
     *
     * @param status any but the two of relaunching, which concern TDX only
     * @param advisories the advisories of that level, in the style of {@code INTEL-SA-00615}
     * @return a copy
     * @throws IllegalArgumentException if the status is one of relaunching or an advisory is misspelt
     */
    public FakeSgx tcb(TcbStatus status, String... advisories) {
        if (status == TcbStatus.RELAUNCH_ADVISED || status == TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED) {
            throw new IllegalArgumentException("an SGX machine cannot be " + status);
        }
        return with(m -> m.withStatus(status, List.of(advisories)));
    }

    /**
     * Lets the QE identity say this of the quoting enclave.
     *
     * @param status any but the two of relaunching
     * @return a copy
     * @throws IllegalArgumentException if the status is one of relaunching
     */
    public FakeSgx qeTcb(TcbStatus status) {
        return with(m -> m.withQeStatus(status));
    }

    /**
     * Sets the evaluation data number of TCB info and QE identity.
     *
     * @param number 1 to 65535
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FakeSgx evaluationNumber(int number) {
        return with(m -> m.withEvaluationNumber(number));
    }

    private FakeSgx with(UnaryOperator<DcapMachine> change) {
        DcapMachine m = change.apply(machine);
        return copy(c -> c.machine = m);
    }

    /**
     * The MRENCLAVE that quotes report.
     *
     * @return 32 bytes
     */
    public byte[] mrEnclave() {
        return mrEnclave.clone();
    }

    /**
     * The MRSIGNER that quotes report.
     *
     * @return 32 bytes
     */
    public byte[] mrSigner() {
        return mrSigner.clone();
    }

    /**
     * The ISVPRODID that quotes report.
     *
     * @return 0 to 65535
     */
    public int isvProdId() {
        return isvProdId;
    }

    /**
     * The ISVSVN that quotes report.
     *
     * @return 0 to 65535
     */
    public int isvSvn() {
        return isvSvn;
    }

    /**
     * A policy that accepts this platform and no other image: production mode, all collateral demanded.
     *
     * @return the policy
     */
    @Override
    public SgxPolicy policy() {
        return policyBuilder().build();
    }

    /**
     * What {@link #policy()} is built from, to add demands to.
     *
     * @return a builder that has MRENCLAVE as its only reference values
     */
    public SgxPolicy.Builder policyBuilder() {
        return SgxPolicy.builder().allow(SgxReference.code(Bytes.of(mrEnclave)));
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SGX;
    }

    @Override
    public boolean isDebug() {
        return debug;
    }

    @Override
    public SgxPolicy strictPolicy(FakeQuotingEnclave enclave) {
        SgxReference reference = new SgxReference(
                        Optional.of(Bytes.of(mrEnclave)),
                        Optional.of(Bytes.of(mrSigner)),
                        Optional.of(isvProdId),
                        Optional.of(isvSvn),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())
                .withConfig(Bytes.of(configId), configSvn)
                .withExtendedProduct(Bytes.of(extendedProductId), Bytes.of(familyId));
        return SgxPolicy.builder()
                .allow(reference)
                .tcb(machine.strictPolicy(enclave))
                .build();
    }

    DcapMachine machine() {
        return machine;
    }

    int quoteVersion() {
        return quoteVersion;
    }

    byte[] body(byte[] reportData) {
        byte[] cpusvn = new byte[16];
        for (int i = 0; i < 16; i++) {
            cpusvn[i] = (byte) DcapMachine.COMPONENTS[i];
        }
        byte[] b = QuoteForge.enclave(
                cpusvn, INIT | MODE64BIT | (debug ? DEBUG : 0), mrEnclave, mrSigner, isvProdId, isvSvn, reportData);
        System.arraycopy(extendedProductId, 0, b, 32, 16);
        System.arraycopy(configId, 0, b, 192, 64);
        b[260] = (byte) configSvn;
        b[261] = (byte) (configSvn >>> 8);
        System.arraycopy(familyId, 0, b, 304, 16);
        return b;
    }

    /** The format and its variant. */
    @Override
    public String toString() {
        return "SGX v" + quoteVersion + (machine.platformCa() ? "" : ", Processor CA") + (debug ? ", debug" : "");
    }
}
