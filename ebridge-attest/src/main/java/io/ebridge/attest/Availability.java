package io.ebridge.attest;

/**
 * Whether something can be used here and now, and if not, why.
 *
 * @param available whether it can be used
 * @param reason what is missing and what to do about it; empty if available
 */
public record Availability(boolean available, String reason) {

    /**
     * It can be used.
     *
     * @return available
     */
    public static Availability yes() {
        return new Availability(true, "");
    }

    /**
     * It cannot be used.
     *
     * @param reason what is missing, in words an operator can act on
     * @return not available
     */
    public static Availability no(String reason) {
        return new Availability(false, reason);
    }
}
