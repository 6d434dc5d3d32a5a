package io.ebridge.attest.intel;

import java.util.Optional;

/**
 * The state of a platform, a TDX module or a quoting enclave against Intel's collateral (Intel PCS API version 4, TCB info,
 * {@code tcbStatus}), from best to worst, with the states that Intel's verification library adds to those of the documents.
 */
public enum TcbStatus {
    /** Everything is current. */
    UP_TO_DATE("UpToDate"),
    /** Current, but the software in the enclave must be hardened against the advisories named. */
    SW_HARDENING_NEEDED("SWHardeningNeeded"),
    /** Current, but the platform's configuration (BIOS settings, say) may leave advisories open. */
    CONFIGURATION_NEEDED("ConfigurationNeeded"),
    /** Both of the above. */
    CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
    /** The TDX module was updated while this TD ran: a relaunch would make it current. Not in any document; TD 1.5 only. */
    RELAUNCH_ADVISED("RelaunchAdvised"),
    /** As before, and the platform's configuration may leave advisories open. */
    RELAUNCH_ADVISED_CONFIGURATION_NEEDED("RelaunchAdvisedConfigurationNeeded"),
    /** An update that fixes the advisories named is missing. */
    OUT_OF_DATE("OutOfDate"),
    /** Out of date, and the configuration may leave advisories open. */
    OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
    /** The platform is older than every level in the document: nothing is known in its favour. Not in any document. */
    NOT_SUPPORTED("NotSupported"),
    /** Intel no longer trusts it. */
    REVOKED("Revoked");

    private final String label;

    TcbStatus(String label) {
        this.label = label;
    }

    /**
     * Intel's spelling, as in {@code tcbStatus}; for the states that no document has, the same style.
     *
     * @return the label
     */
    public String label() {
        return label;
    }

    /**
     * The status that a document means.
     *
     * @param label Intel's spelling, exactly
     * @return the status; empty for an unknown label and for those that no document may contain
     */
    public static Optional<TcbStatus> ofDocument(String label) {
        for (TcbStatus status : values()) {
            if (status.label.equals(label)
                    && status != NOT_SUPPORTED
                    && status != RELAUNCH_ADVISED
                    && status != RELAUNCH_ADVISED_CONFIGURATION_NEEDED) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the state names an open configuration question.
     *
     * @return true for the four states with {@code CONFIGURATION} in their name
     */
    public boolean configurationNeeded() {
        return switch (this) {
            case CONFIGURATION_NEEDED,
                    CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
                    OUT_OF_DATE_CONFIGURATION_NEEDED -> true;
            default -> false;
        };
    }

    /**
     * Whether an update is missing.
     *
     * @return true for the two states with {@code OUT_OF_DATE} in their name
     */
    public boolean outOfDate() {
        return this == OUT_OF_DATE || this == OUT_OF_DATE_CONFIGURATION_NEEDED;
    }

    /** Intel's spelling. */
    @Override
    public String toString() {
        return label;
    }
}
