package io.ebridge.attest.intel;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * How a platform stands against Intel's signed documents.
 *
 * @param status all parts together (Intel SGX ECDSA quote verification, step 4.1.2.4.17)
 * @param advisories every advisory that a part leaves open; empty if the platform is not supported, of which more is open than
 *     any document lists
 * @param platform microcode, firmware and PCE, for TDX with the TDX components
 * @param module the TDX module; empty for SGX, and for a TD whose TEE_TCB_SVN names no module identity
 * @param quotingEnclave the quoting enclave; empty if there was no QE identity
 * @param evaluationDataNumber {@code tcbEvaluationDataNumber} of the TCB info; grows with every TCB recovery
 * @param shortfalls what keeps the parts from the best state known; empty if nothing does
 */
public record TcbAssessment(
        TcbStatus status,
        SortedSet<String> advisories,
        TcbPart platform,
        Optional<TcbPart> module,
        Optional<TcbPart> quotingEnclave,
        int evaluationDataNumber,
        List<TcbShortfall> shortfalls) {

    /**
     * Copies the collections.
     *
     * @param status all parts together (Intel SGX ECDSA quote verification, step 4.1.2.4.17)
     * @param advisories every advisory that a part leaves open; empty if the platform is not supported, of which more is open than
     *     any document lists
     * @param platform microcode, firmware and PCE, for TDX with the TDX components
     * @param module the TDX module
     * @param quotingEnclave the quoting enclave
     * @param evaluationDataNumber {@code tcbEvaluationDataNumber} of the TCB info
     * @param shortfalls what keeps the parts from the best state known
     */
    public TcbAssessment {
        advisories = Collections.unmodifiableSortedSet(new TreeSet<>(advisories));
        shortfalls = List.copyOf(shortfalls);
    }

    /**
     * Says in a sentence or two how things stand and what to raise, for an operator.
     *
     * @return English text
     */
    public String explain() {
        StringBuilder text = new StringBuilder("TCB is ").append(status);
        text.append(" (platform ").append(platform.status());
        platform.tcbDate().ifPresent(date -> text.append(" as of ").append(date.toString(), 0, 10));
        module.ifPresent(part -> text.append(", ").append(part.id()).append(' ').append(part.status()));
        quotingEnclave.ifPresent(
                part -> text.append(", ").append(part.id()).append(' ').append(part.status()));
        text.append("; evaluation data number ").append(evaluationDataNumber).append(')');
        if (!advisories.isEmpty()) {
            text.append("; open advisories: ").append(String.join(", ", advisories));
        }
        if (!shortfalls.isEmpty()) {
            text.append("; to be raised: ");
            for (int i = 0; i < shortfalls.size(); i++) {
                text.append(i == 0 ? "" : "; ").append(shortfalls.get(i));
            }
        }
        return text.toString();
    }
}
