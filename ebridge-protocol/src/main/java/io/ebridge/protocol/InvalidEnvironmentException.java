package io.ebridge.protocol;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says that an environment does not fit the record it was to be read into. It lists every variable at fault at once and shows no value, so
 * it may be logged; a cause, if there is one, comes from the record's own constructor and is as discreet as that is.
 */
public final class InvalidEnvironmentException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The problems. */
    private final transient @Nullable List<Problem> problems;

    /** What is wrong with a variable. */
    public enum Reason {
        /** A required variable is absent. */
        MISSING,
        /** A value is not of its component's type. */
        MALFORMED,
        /** The record's constructor refused the values; the problem's variable is empty. */
        REJECTED
    }

    /**
     * One variable at fault.
     *
     * @param variable the variable's name
     * @param reason what is wrong
     * @param detail the same for people, without the value
     */
    public record Problem(String variable, Reason reason, String detail) {
        /**
         * Checks that nothing is null.
         *
         * @param variable the variable's name
         * @param reason what is wrong
         * @param detail the same for people
         */
        public Problem {
            Objects.requireNonNull(variable, "variable");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(detail, "detail");
        }
    }

    InvalidEnvironmentException(String record, List<Problem> problems, @Nullable Throwable cause) {
        super(
                "environment for " + record + ": "
                        + problems.stream().map(Problem::detail).collect(Collectors.joining("; ")),
                cause);
        this.problems = List.copyOf(problems);
    }

    /**
     * Returns everything that is wrong, in the order of the record's components. Not kept where an exception is serialized.
     *
     * @return the problems
     */
    public List<Problem> problems() {
        return problems == null ? List.of() : problems;
    }
}
