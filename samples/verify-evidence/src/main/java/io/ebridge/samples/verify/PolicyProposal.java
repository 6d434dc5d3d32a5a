package io.ebridge.samples.verify;

import io.ebridge.attest.AppraisalPolicy;
import io.ebridge.attest.AttestationResult;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.Strictness;
import io.ebridge.attest.nitro.NitroPolicy;
import io.ebridge.attest.nitro.NitroResult;
import io.ebridge.attest.nitro.PcrSet;
import io.ebridge.attest.sgx.SgxPolicy;
import io.ebridge.attest.sgx.SgxReference;
import io.ebridge.attest.sgx.SgxResult;
import io.ebridge.attest.snp.SnpPolicy;
import io.ebridge.attest.snp.SnpReference;
import io.ebridge.attest.snp.SnpResult;
import io.ebridge.attest.tdx.TdxPolicy;
import io.ebridge.attest.tdx.TdxReference;
import io.ebridge.attest.tdx.TdxResult;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a policy would have to say to accept evidence.
 *
 * @param policy a policy with the measurements that were found and the strictness that was asked for, all else as by default; empty if there
 *     is none
 * @param refusal the reason for which it would reject all the same, or nothing
 * @param detail what that is about, or why there is no policy
 */
record PolicyProposal(Optional<AppraisalPolicy> policy, String refusal, String detail) {

    static PolicyProposal none(String why) {
        return new PolicyProposal(Optional.empty(), "", why);
    }

    static Optional<AppraisalPolicy> policyFor(AttestationResult result, Strictness strictness) {
        try {
            if (result instanceof NitroResult nitro) {
                return Optional.of(NitroPolicy.builder()
                        .allow(registers(nitro))
                        .strictness(strictness)
                        .build());
            }
            if (result instanceof SgxResult sgx) {
                return Optional.of(SgxPolicy.builder()
                        .allow(SgxReference.code(sgx.report().mrEnclave()))
                        .strictness(strictness)
                        .build());
            }
            if (result instanceof TdxResult tdx) {
                TdxReference.Builder reference =
                        TdxReference.builder().mrTd(tdx.report().mrTd());
                for (int i = 0; i < tdx.report().rtmr().size(); i++) {
                    reference.rtmr(i, tdx.report().rtmr().get(i));
                }
                return Optional.of(TdxPolicy.builder()
                        .allow(reference.build())
                        .strictness(strictness)
                        .build());
            }
            SnpResult snp = (SnpResult) result;
            return Optional.of(SnpPolicy.builder()
                    .allow(SnpReference.ofMeasurement(snp.report().measurement().toByteArray()))
                    .strictness(strictness)
                    .build());
        } catch (IllegalStateException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static PcrSet registers(NitroResult result) {
        TreeMap<Integer, Bytes> values = new TreeMap<>();
        for (int index : new int[] {0, 1, 2, 8}) {
            Bytes value = result.document().pcrs().get(index);
            if (value != null && (index <= 2 || !value.isZero())) {
                values.put(index, value);
            }
        }
        return PcrSet.of(values);
    }
}
