package io.ebridge.vsock;

/**
 * Whether a transport can be used here and now, and if not, exactly why.
 *
 * @param available whether it can
 * @param reason what is missing and what to do about it, for a person; empty where nothing is missing
 */
public record Availability(boolean available, String reason) {
    /** Nothing is missing. */
    public static final Availability YES = new Availability(true, "");

    /**
     * Something is missing.
     *
     * @param reason what, and what to do about it
     * @return the answer
     */
    public static Availability no(String reason) {
        return new Availability(false, reason);
    }
}
