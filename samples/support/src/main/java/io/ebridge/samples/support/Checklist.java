package io.ebridge.samples.support;

/** Steps that a sample shows by itself: each is printed as it is seen, and the first that is not seen ends the list. */
public final class Checklist {
    private int seen;

    /** Starts with nothing seen. */
    public Checklist() {}

    /** One step. */
    @FunctionalInterface
    public interface Step {
        /** Does it, and throws if what it should show is not there. */
        void run() throws Exception;
    }

    /** Runs a step. */
    public void see(String what, Step step) throws StepFailedException {
        try {
            step.run();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            System.out.println("NOT SEEN  " + what);
            throw new StepFailedException(what, e);
        }
        seen++;
        System.out.println("seen      " + what);
    }

    /** Fails the current step unless the text is as expected. */
    public static void expect(Object actual, Object expected) {
        if (!expected.equals(actual)) {
            throw new IllegalStateException("expected «" + expected + "», got «" + actual + "»");
        }
    }

    /** Fails the current step unless the condition holds. */
    public static void expect(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(otherwise);
        }
    }

    /** How many steps were seen. */
    public int seen() {
        return seen;
    }

    /** A step did not show what it should. */
    public static final class StepFailedException extends Exception {
        private static final long serialVersionUID = 1L;

        StepFailedException(String what, Exception cause) {
            super(what + ": " + cause.getMessage(), cause);
        }
    }
}
