package io.ebridge.attest.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.tdx.TdAttribute;
import io.ebridge.attest.tdx.TdReport;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Reference values of SGX and TDX: complete or refused, and every value that is given counts. */
class ReferencesTest {

    private static final Bytes CODE = fill(32, 1);
    private static final Bytes SIGNER = fill(32, 2);

    @Test
    void aPolicyWithoutReferenceValuesDoesNotBuild() {
        assertThatThrownBy(() -> SgxPolicy.builder().build()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> TdxPolicy.builder().build()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sgxNeedsCodeOrSignerWithProductAndVersion() {
        Optional<Bytes> none = Optional.empty();
        Optional<Integer> zero = Optional.of(0);
        Optional<Integer> no = Optional.empty();
        assertThatThrownBy(() -> new SgxReference(none, none, zero, zero, none, no, none, none))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SgxReference(none, Optional.of(SIGNER), no, zero, none, no, none, none))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SgxReference(none, Optional.of(SIGNER), zero, no, none, no, none, none))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SgxReference.code(fill(31, 1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SgxReference.signer(SIGNER, 65536, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everySgxValueCounts() {
        EnclaveReport report = report();
        assertThat(SgxReference.code(CODE).mismatch(report)).isEmpty();
        assertThat(SgxReference.code(fill(32, 9)).mismatch(report))
                .hasValueSatisfying(m -> assertThat(m).startsWith("MRENCLAVE"));
        SgxReference signer = SgxReference.signer(SIGNER, 3, 5);
        assertThat(signer.mismatch(report)).isEmpty();
        assertThat(SgxReference.signer(CODE, 3, 5).mismatch(report)).isPresent();
        assertThat(SgxReference.signer(SIGNER, 4, 5).mismatch(report)).isPresent();
        assertThat(SgxReference.signer(SIGNER, 3, 6).mismatch(report)).isPresent();
        assertThat(signer.withConfig(fill(64, 7), 2).mismatch(report)).isEmpty();
        assertThat(signer.withConfig(fill(64, 8), 2).mismatch(report)).isPresent();
        assertThat(signer.withConfig(fill(64, 7), 3).mismatch(report)).isPresent();
        assertThat(signer.withExtendedProduct(fill(16, 4), fill(16, 6)).mismatch(report))
                .isEmpty();
        assertThat(signer.withExtendedProduct(fill(16, 5), fill(16, 6)).mismatch(report))
                .isPresent();
        assertThat(signer.withExtendedProduct(fill(16, 4), fill(16, 5)).mismatch(report))
                .isPresent();
    }

    @Test
    void firmwareAloneIsNoCompleteSet() {
        TdxReference.Builder builder = TdxReference.builder();
        assertThatThrownBy(builder::build).hasMessageContaining("MRTD");
        builder.mrTd(fill(48, 1));
        assertThatThrownBy(builder::build).hasMessageContaining("insecureFirmwareOnly");
        assertThat(builder.insecureFirmwareOnly().build().values()).containsOnlyKeys("MRTD");
        assertThatThrownBy(() -> builder.rtmr(4, fill(48, 1))).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> builder.rtmr(0, fill(47, 1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyTdxValueCounts() {
        TdReport report = td();
        TdxReference all = full(0).build();
        assertThat(all.mismatch(report)).isEmpty();
        assertThat(full(0).mrTd(fill(48, 99)).build().mismatch(report)).isPresent();
        for (int i = 0; i < 4; i++) {
            int index = i;
            assertThat(full(0).rtmr(i, fill(48, 99)).build().mismatch(report))
                    .hasValueSatisfying(m -> assertThat(m).startsWith("RTMR" + index));
        }
        assertThat(full(0).mrConfigId(fill(48, 99)).build().mismatch(report)).isPresent();
        assertThat(full(0).mrOwner(fill(48, 99)).build().mismatch(report)).isPresent();
        assertThat(full(0).mrOwnerConfig(fill(48, 99)).build().mismatch(report)).isPresent();
        assertThat(full(0).mrSeam(fill(48, 99)).build().mismatch(report)).isPresent();
    }

    @Test
    void attributesOfTheDebugGroupAreNotAllowedQuietly() {
        assertThatThrownBy(() -> TdxPolicy.builder().allowAttributes(TdAttribute.PERF_PROF))
                .hasMessageContaining("insecureAllowDebug");
        assertThatThrownBy(() -> TdxPolicy.builder().allowedXfam(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TdxPolicy.builder().allowedXfam(0x1_0003))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TdxPolicy.builder().allowServiceTd(fill(47, 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static TdxReference.Builder full(int offset) {
        TdxReference.Builder builder = TdxReference.builder().mrTd(fill(48, 10 + offset));
        for (int i = 0; i < 4; i++) {
            builder.rtmr(i, fill(48, 20 + i));
        }
        return builder.mrConfigId(fill(48, 30))
                .mrOwner(fill(48, 31))
                .mrOwnerConfig(fill(48, 32))
                .mrSeam(fill(48, 33));
    }

    private static TdReport td() {
        return new TdReport(
                fill(16, 0),
                fill(48, 33),
                fill(48, 0),
                fill(8, 0),
                fill(8, 0),
                fill(8, 0),
                fill(48, 10),
                fill(48, 30),
                fill(48, 31),
                fill(48, 32),
                List.of(fill(48, 20), fill(48, 21), fill(48, 22), fill(48, 23)),
                fill(64, 0),
                Optional.empty(),
                Optional.empty());
    }

    private static EnclaveReport report() {
        return new EnclaveReport(
                fill(16, 0),
                fill(4, 0),
                fill(16, 4),
                fill(16, 1),
                CODE,
                SIGNER,
                fill(64, 7),
                3,
                5,
                2,
                fill(16, 6),
                fill(64, 0));
    }

    private static Bytes fill(int length, int value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        return Bytes.of(bytes);
    }
}
