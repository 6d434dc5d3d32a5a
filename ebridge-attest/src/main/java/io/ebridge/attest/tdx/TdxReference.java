package io.ebridge.attest.tdx;

import io.ebridge.attest.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One complete set of reference values for a TD: {@code MRTD} and at least one run-time register, and whatever narrows it
 * further. A TD matches if it agrees with every value that is given. Immutable.
 *
 * <p>{@code MRTD} covers what the TD was started with, usually the virtual firmware alone; kernel, command line and the rest
 * are in {@code RTMR1} and {@code RTMR2} by convention of that firmware. A set with {@code MRTD} only would accept any kernel,
 * so it needs {@link Builder#insecureFirmwareOnly()}.
 */
public final class TdxReference {

    private final Map<Field, Bytes> values;

    private enum Field {
        MRTD,
        RTMR0,
        RTMR1,
        RTMR2,
        RTMR3,
        MRCONFIGID,
        MROWNER,
        MROWNERCONFIG,
        MRSEAM;

        static Field rtmr(int index) {
            return values()[RTMR0.ordinal() + Objects.checkIndex(index, 4)];
        }

        Bytes of(TdReport report) {
            return switch (this) {
                case MRTD -> report.mrTd();
                case RTMR0, RTMR1, RTMR2, RTMR3 -> report.rtmr().get(ordinal() - RTMR0.ordinal());
                case MRCONFIGID -> report.mrConfigId();
                case MROWNER -> report.mrOwner();
                case MROWNERCONFIG -> report.mrOwnerConfig();
                case MRSEAM -> report.mrSeam();
            };
        }
    }

    private TdxReference(Map<Field, Bytes> values) {
        this.values = values;
    }

    /**
     * Starts a set.
     *
     * @return an empty builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The values by name: {@code MRTD}, {@code RTMR0} to {@code RTMR3}, {@code MRCONFIGID}, {@code MROWNER},
     * {@code MROWNERCONFIG}, {@code MRSEAM}.
     *
     * @return those that are given
     */
    public Map<String, Bytes> values() {
        Map<String, Bytes> named = new LinkedHashMap<>();
        values.forEach((field, value) -> named.put(field.name(), value));
        return named;
    }

    /**
     * The first value that a TD does not have.
     *
     * @param report the TD's report
     * @return its name with what was found, or empty if the TD matches
     */
    public Optional<String> mismatch(TdReport report) {
        for (Map.Entry<Field, Bytes> entry : values.entrySet()) {
            Bytes actual = entry.getKey().of(report);
            if (!actual.equals(entry.getValue())) {
                return Optional.of(entry.getKey() + " is " + actual);
            }
        }
        return Optional.empty();
    }

    /**
     * What identifies this set, in short.
     *
     * @return English text
     */
    public String describe() {
        StringBuilder text = new StringBuilder();
        values.forEach((field, value) -> text.append(text.isEmpty() ? "" : ", ")
                .append(field)
                .append(' ')
                .append(value.hex(), 0, 16)
                .append('…'));
        return text.toString();
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof TdxReference that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** The values. */
    @Override
    public String toString() {
        return "TdxReference" + values;
    }

    /** Collects values of 48 bytes each. Not thread-safe. */
    public static final class Builder {

        private final Map<Field, Bytes> values = new java.util.EnumMap<>(Field.class);
        private boolean firmwareOnly;

        private Builder() {}

        /**
         * What the TD was started with. Mandatory.
         *
         * @param value 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder mrTd(Bytes value) {
            return put(Field.MRTD, value);
        }

        /**
         * A run-time measurement register.
         *
         * @param index 0 to 3
         * @param value 48 bytes
         * @return this
         * @throws IndexOutOfBoundsException if there is no such register
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder rtmr(int index, Bytes value) {
            return put(Field.rtmr(index), value);
        }

        /**
         * The id of the TD's configuration.
         *
         * @param value 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder mrConfigId(Bytes value) {
            return put(Field.MRCONFIGID, value);
        }

        /**
         * The id of the TD's owner.
         *
         * @param value 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder mrOwner(Bytes value) {
            return put(Field.MROWNER, value);
        }

        /**
         * The id of the owner's configuration.
         *
         * @param value 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder mrOwnerConfig(Bytes value) {
            return put(Field.MROWNERCONFIG, value);
        }

        /**
         * The measurement of the TDX module. Signer and version are checked in any case.
         *
         * @param value 48 bytes
         * @return this
         * @throws IllegalArgumentException if it is not 48 bytes
         */
        public Builder mrSeam(Bytes value) {
            return put(Field.MRSEAM, value);
        }

        /**
         * Lets a set without run-time registers build: any kernel on that firmware is then accepted.
         *
         * @return this
         */
        public Builder insecureFirmwareOnly() {
            firmwareOnly = true;
            return this;
        }

        /**
         * Makes the set.
         *
         * @return the set
         * @throws IllegalStateException if {@code MRTD} is missing, or every run-time register is
         */
        public TdxReference build() {
            if (!values.containsKey(Field.MRTD)) {
                throw new IllegalStateException("MRTD is missing");
            }
            boolean anyRtmr = false;
            for (int i = 0; i < 4; i++) {
                anyRtmr |= values.containsKey(Field.rtmr(i));
            }
            if (!anyRtmr && !firmwareOnly) {
                throw new IllegalStateException(
                        "MRTD alone covers the firmware only: give run-time registers, or say insecureFirmwareOnly()");
            }
            return new TdxReference(java.util.Collections.unmodifiableMap(new java.util.EnumMap<>(values)));
        }

        private Builder put(Field field, Bytes value) {
            if (value.length() != 48) {
                throw new IllegalArgumentException(field + " has 48 bytes, not " + value.length());
            }
            values.put(field, value);
            return this;
        }
    }
}
