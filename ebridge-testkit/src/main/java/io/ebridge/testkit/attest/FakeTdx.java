package io.ebridge.testkit.attest;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A fake Intel machine with a trust domain (TD) on it: what its quotes report (Intel TDX module specification, TDREPORT and TDINFO), and what
 * Intel's documents say of machine and TDX module.
 *
 * <p>{@link #standard()} is a production TD on an up-to-date machine with module 1.x; quote version 4.
 */
public final class FakeTdx implements FakePlatform {
    private static final int DIGEST = 48;
    private static final long SEPT_VE_DISABLE = 1L << 28;

    private DcapMachine machine = DcapMachine.STANDARD;
    private byte[] mrTd = Values.measurement("tdx image default");
    private byte[][] rtmrs = rtmrsOf("default");
    private byte[] mrConfigId = new byte[DIGEST];
    private byte[] mrOwner = new byte[DIGEST];
    private byte[] mrOwnerConfig = new byte[DIGEST];
    private byte[] mrServiceTd = new byte[DIGEST];
    private byte[] mrSeam = Values.measurement("tdx module");
    private long attributes = SEPT_VE_DISABLE;
    private long xfam = 0x602e7;
    private int moduleVersion = 1;
    private int quoteVersion = 4;
    private boolean td15;
    private int trailingZeros;

    private FakeTdx() {}

    private FakeTdx copy(Consumer<FakeTdx> change) {
        FakeTdx c = new FakeTdx();
        c.machine = machine;
        c.mrTd = mrTd;
        c.rtmrs = rtmrs.clone();
        c.mrConfigId = mrConfigId;
        c.mrOwner = mrOwner;
        c.mrOwnerConfig = mrOwnerConfig;
        c.mrServiceTd = mrServiceTd;
        c.mrSeam = mrSeam;
        c.attributes = attributes;
        c.xfam = xfam;
        c.moduleVersion = moduleVersion;
        c.quoteVersion = quoteVersion;
        c.td15 = td15;
        c.trailingZeros = trailingZeros;
        change.accept(c);
        return c;
    }

    private static byte[][] rtmrsOf(String name) {
        byte[][] r = new byte[4][];
        for (int i = 0; i < 4; i++) {
            r[i] = i == 3 ? new byte[DIGEST] : Values.measurement("tdx image " + name + " rtmr " + i);
        }
        return r;
    }

    /**
     * A production TD on an up-to-date machine.
     *
     * @return the platform
     */
    public static FakeTdx standard() {
        return new FakeTdx();
    }

    /**
     * Runs another image: MRTD and RTMR0 to RTMR2 become values that follow from the name.
     *
     * @param name any name
     * @return a copy
     */
    public FakeTdx image(String name) {
        Objects.requireNonNull(name, "name");
        return copy(c -> {
            c.mrTd = Values.measurement("tdx image " + name);
            c.rtmrs = rtmrsOf(name);
        });
    }

    /**
     * Reports an MRTD.
     *
     * @param value 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public FakeTdx mrTd(byte[] value) {
        byte[] v = Values.exactly(DIGEST, value, "MRTD");
        return copy(c -> c.mrTd = v);
    }

    /**
     * Reports a run-time measurement register.
     *
     * @param index 0 to 3
     * @param value 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if index or length is out of range
     */
    public FakeTdx rtmr(int index, byte[] value) {
        Objects.checkIndex(index, 4);
        byte[] v = Values.exactly(DIGEST, value, "an RTMR");
        return copy(c -> c.rtmrs[index] = v);
    }

    /**
     * Reports MRCONFIGID, MROWNER and MROWNERCONFIG.
     *
     * @param configId 48 bytes; copied
     * @param owner 48 bytes; copied
     * @param ownerConfig 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if one is not 48 bytes
     */
    public FakeTdx owner(byte[] configId, byte[] owner, byte[] ownerConfig) {
        byte[] config = Values.exactly(DIGEST, configId, "MRCONFIGID");
        byte[] mrowner = Values.exactly(DIGEST, owner, "MROWNER");
        byte[] mrownerconfig = Values.exactly(DIGEST, ownerConfig, "MROWNERCONFIG");
        return copy(c -> {
            c.mrConfigId = config;
            c.mrOwner = mrowner;
            c.mrOwnerConfig = mrownerconfig;
        });
    }

    /**
     * Reports the measurement of a service TD (TD 1.5 only), which policies reject unless told otherwise.
     *
     * @param value 48 bytes; copied
     * @return a copy
     * @throws IllegalArgumentException if it is not 48 bytes
     */
    public FakeTdx serviceTd(byte[] value) {
        byte[] v = Values.exactly(DIGEST, value, "MRSERVICETD");
        return copy(c -> c.mrServiceTd = v);
    }

    /**
     * Reports other TD attributes.
     *
     * @param bits the 64 bits; bit 0 is DEBUG, bit 28 SEPT_VE_DISABLE
     * @return a copy
     */
    public FakeTdx attributes(long bits) {
        return copy(c -> c.attributes = bits);
    }

    /**
     * Reports another XFAM.
     *
     * @param bits the 64 bits
     * @return a copy
     */
    public FakeTdx xfam(long bits) {
        return copy(c -> c.xfam = bits);
    }

    /**
     * Sets the DEBUG attribute.
     *
     * @return a copy
     */
    public FakeTdx debug() {
        return attributes(attributes | 1);
    }

    /**
     * Runs under another generation of the TDX module: TEE_TCB_SVN[1]. Above zero, Intel compares TDX components from index 2 and takes the
     * module's level from the identity {@code TDX_XX} of that version.
     *
     * @param version 0 to 255
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FakeTdx moduleVersion(int version) {
        Values.octet(version, "a module version");
        return copy(c -> c.moduleVersion = version);
    }

    /**
     * Writes a quote of version 4, which has the body of TD 1.0.
     *
     * @return a copy
     */
    public FakeTdx quoteV4() {
        return copy(c -> {
            c.quoteVersion = 4;
            c.td15 = false;
        });
    }

    /**
     * Writes a quote of version 5.
     *
     * @param td15 whether with the body of TD 1.5, else of TD 1.0
     * @return a copy
     */
    public FakeTdx quoteV5(boolean td15) {
        return copy(c -> {
            c.quoteVersion = 5;
            c.td15 = td15;
        });
    }

    /**
     * Lets zero bytes follow the quote, as providers that hand out a whole buffer do.
     *
     * @param count 0 to 8192
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FakeTdx trailingZeros(int count) {
        if (count < 0 || count > 8192) {
            throw new IllegalArgumentException("trailing zeros " + count);
        }
        return copy(c -> c.trailingZeros = count);
    }

    /**
     * Runs on another machine: another PCK certificate and key.
     *
     * @param name any name
     * @return a copy
     */
    public FakeTdx machine(String name) {
        Objects.requireNonNull(name, "name");
        return with(m -> m.withName(name));
    }

    /**
     * Lets the TCB info say this of the machine. The two states of relaunching need {@link #quoteV5 quoteV5(true)}: the module was updated while the
     * TD ran.
     *
     * @param status any
     * @param advisories the advisories of that level, in the style of {@code INTEL-SA-00615}
     * @return a copy
     * @throws IllegalArgumentException if an advisory is misspelt
     */
    public FakeTdx tcb(TcbStatus status, String... advisories) {
        return with(m -> m.withStatus(status, List.of(advisories)));
    }

    /**
     * Lets the QE identity say this of the quoting enclave.
     *
     * @param status any but the two of relaunching
     * @return a copy
     * @throws IllegalArgumentException if the status is one of relaunching
     */
    public FakeTdx qeTcb(TcbStatus status) {
        return with(m -> m.withQeStatus(status));
    }

    /**
     * Lets the TCB info say this of the TDX module.
     *
     * @param status any but the two of relaunching
     * @return a copy
     * @throws IllegalArgumentException if the status is one of relaunching
     */
    public FakeTdx moduleTcb(TcbStatus status) {
        return with(m -> m.withModuleStatus(status));
    }

    /**
     * Sets the evaluation data number of TCB info and QE identity.
     *
     * @param number 1 to 65535
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FakeTdx evaluationNumber(int number) {
        return with(m -> m.withEvaluationNumber(number));
    }

    private FakeTdx with(UnaryOperator<DcapMachine> change) {
        DcapMachine m = change.apply(machine);
        return copy(c -> c.machine = m);
    }

    /**
     * The MRTD that quotes report.
     *
     * @return 48 bytes
     */
    public byte[] mrTd() {
        return mrTd.clone();
    }

    /**
     * A run-time measurement register that quotes report.
     *
     * @param index 0 to 3
     * @return 48 bytes
     */
    public byte[] rtmr(int index) {
        return rtmrs[Objects.checkIndex(index, 4)].clone();
    }

    /**
     * The TD attributes that quotes report.
     *
     * @return the 64 bits
     */
    public long attributes() {
        return attributes;
    }

    /**
     * A policy that accepts this platform and no other image: production mode, all collateral demanded.
     *
     * @return the policy
     */
    @Override
    public TdxPolicy policy() {
        return policyBuilder().build();
    }

    /**
     * What {@link #policy()} is built from, to add demands to.
     *
     * @return a builder that has MRTD and RTMR0 to RTMR3 as its only reference values
     */
    public TdxPolicy.Builder policyBuilder() {
        TdxReference.Builder reference = TdxReference.builder().mrTd(Bytes.of(mrTd));
        for (int i = 0; i < 4; i++) {
            reference.rtmr(i, Bytes.of(rtmrs[i]));
        }
        return TdxPolicy.builder().allow(reference.build());
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.TDX;
    }

    @Override
    public boolean isDebug() {
        return (attributes & 1) != 0;
    }

    @Override
    public TdxPolicy strictPolicy(FakeQuotingEnclave enclave) {
        TdxReference.Builder reference = TdxReference.builder()
                .mrTd(Bytes.of(mrTd))
                .mrConfigId(Bytes.of(mrConfigId))
                .mrOwner(Bytes.of(mrOwner))
                .mrOwnerConfig(Bytes.of(mrOwnerConfig))
                .mrSeam(Bytes.of(mrSeam));
        for (int i = 0; i < 4; i++) {
            reference.rtmr(i, Bytes.of(rtmrs[i]));
        }
        return TdxPolicy.builder()
                .allow(reference.build())
                .tcb(machine.strictPolicy(enclave))
                .build();
    }

    DcapMachine machine() {
        return machine;
    }

    int quoteVersion() {
        return quoteVersion;
    }

    boolean isTd15() {
        return td15;
    }

    int moduleVersion() {
        return moduleVersion;
    }

    byte[] trailing() {
        return new byte[trailingZeros];
    }

    boolean relaunch() {
        return machine.status() == TcbStatus.RELAUNCH_ADVISED
                || machine.status() == TcbStatus.RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
    }

    /** TEE_TCB_SVN: module, module version, microcode. */
    int[] teeTcbSvn() {
        int[] svn = new int[16];
        svn[0] = DcapMachine.MODULE_SVN;
        svn[1] = moduleVersion;
        svn[2] = 3;
        return svn;
    }

    /** TEE_TCB_SVN_2: what the machine runs now. */
    int[] teeTcbSvn2() {
        int[] svn = teeTcbSvn();
        if (relaunch()) {
            svn[0]++;
        }
        return svn;
    }

    byte[] body(byte[] reportData) {
        ByteBuffer b = QuoteForge.little(td15 ? QuoteForge.TD15_BODY : QuoteForge.TD10_BODY);
        octets(b, teeTcbSvn());
        b.put(mrSeam).put(new byte[DIGEST]).putLong(0);
        b.putLong(attributes).putLong(xfam);
        b.put(mrTd).put(mrConfigId).put(mrOwner).put(mrOwnerConfig);
        for (byte[] r : rtmrs) {
            b.put(r);
        }
        b.put(reportData);
        if (td15) {
            octets(b, teeTcbSvn2());
            b.put(mrServiceTd);
        }
        return b.array();
    }

    private static void octets(ByteBuffer b, int[] values) {
        for (int v : values) {
            b.put((byte) v);
        }
    }

    /** The format and its variant. */
    @Override
    public String toString() {
        return "TDX v" + quoteVersion + (td15 ? ", TD 1.5" : ", TD 1.0") + (isDebug() ? ", debug" : "");
    }
}
