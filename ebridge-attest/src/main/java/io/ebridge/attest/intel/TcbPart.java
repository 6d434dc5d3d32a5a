package io.ebridge.attest.intel;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One part of the TCB against its document.
 *
 * @param id {@code platform}, the TDX module's identity ({@code TDX_01}), or the quoting enclave's ({@code QE}, {@code TD_QE})
 * @param status its state
 * @param tcbDate the date of the level that it reached: it has all updates for issues public by then; empty if it reached none
 * @param advisories the advisories that this level leaves open, as the document lists them
 * @param isvSvn the version that was compared, for a module or quoting enclave
 */
public record TcbPart(
        String id, TcbStatus status, Optional<Instant> tcbDate, List<String> advisories, OptionalInt isvSvn) {

    /**
     * Copies the list.
     *
     * @param id {@code platform}, the TDX module's identity ({@code TDX_01}), or the quoting enclave's ({@code QE}, {@code TD_QE})
     * @param status its state
     * @param tcbDate the date of the level that it reached
     * @param advisories the advisories that this level leaves open, as the document lists them
     * @param isvSvn the version that was compared, for a module or quoting enclave
     */
    public TcbPart {
        advisories = List.copyOf(advisories);
    }
}
