package io.ebridge.protocol;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a host tells its enclave: names and values, as in a process environment. An immutable value.
 *
 * <p><b>Guaranteed:</b> names are not empty and contain neither {@code =} nor NUL, values contain no NUL, and all of it survives UTF-8.
 * {@link #toString()} shows no value. <b>Not guaranteed:</b> that an enclave may believe any of it; the host is not trusted.
 *
 * <p>A host chooses what to send with {@link #allow}, an enclave reads it one by one or, better, into a record:
 *
 * <pre>{@code
 * record Settings(int port, Duration timeout, Optional<URI> upstream) {}   // PORT, TIMEOUT, UPSTREAM
 *
 * Settings settings = environment.reader(Settings.class, MethodHandles.lookup()).prefix("APP_").read();
 * }</pre>
 */
public final class Environment {
    /** No variables. */
    public static final Environment EMPTY = new Environment(new TreeMap<>());

    private final Map<String, String> variables;

    private Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /**
     * Copies variables.
     *
     * @param variables names and values
     * @return the environment
     * @throws IllegalArgumentException if a name or value is not allowed; the message names the variable, without its value
     */
    public static Environment of(Map<String, String> variables) {
        TreeMap<String, String> copy = new TreeMap<>();
        variables.forEach((name, value) -> {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, name);
            if (!isName(name)) {
                throw new IllegalArgumentException(
                        "a variable's name must be well-formed, not empty, and contain neither = nor NUL");
            }
            if (!isValue(value)) {
                throw new IllegalArgumentException(
                        "the value of variable " + name + " must be well-formed and not contain NUL");
            }
            copy.put(name, value);
        });
        return new Environment(copy);
    }

    /**
     * Starts a filter that lets the named variables through, and nothing else.
     *
     * @param namesAndPrefixes exact names, or prefixes: an entry that ends in {@code _} stands for every name that begins with it
     * @return the filter
     * @throws IllegalArgumentException if an entry is empty or only {@code _}
     */
    public static EnvironmentFilter allow(String... namesAndPrefixes) {
        return EnvironmentFilter.NOTHING.allow(namesAndPrefixes);
    }

    static boolean isName(String name) {
        return !name.isEmpty() && name.indexOf('=') < 0 && name.indexOf('\0') < 0 && Text.isWellFormed(name);
    }

    static boolean isValue(String value) {
        return value.indexOf('\0') < 0 && Text.isWellFormed(value);
    }

    /**
     * Returns one value.
     *
     * @param name the variable's exact name
     * @return its value, perhaps an empty string; empty if there is no such variable
     */
    public Optional<String> get(String name) {
        return Optional.ofNullable(variables.get(name));
    }

    /**
     * Returns all names, sorted.
     *
     * @return the names
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(variables.keySet());
    }

    /**
     * Returns all names and values, sorted by name. Mind that the map's own {@code toString} shows the values.
     *
     * @return an unmodifiable view
     */
    public Map<String, String> asMap() {
        return Collections.unmodifiableMap(variables);
    }

    /**
     * Reads the variables into a record of a package that is exported, or opened to this module. Short for
     * {@code reader(type).read()}; {@link EnvironmentReader} tells the rules.
     *
     * @param <R> the record's type
     * @param type the record's class
     * @return the record
     * @throws InvalidEnvironmentException if variables are missing or malformed; it lists all of them
     * @throws IllegalArgumentException if the record is of a kind that cannot be read
     */
    public <R extends Record> R as(Class<R> type) {
        return reader(type).read();
    }

    /**
     * Starts reading the variables into a public record of an exported package, or any record of a package that is opened to this module.
     *
     * @param <R> the record's type
     * @param type the record's class
     * @return a reader
     */
    public <R extends Record> EnvironmentReader<R> reader(Class<R> type) {
        return new EnvironmentReader<>(this, type, null);
    }

    /**
     * Starts reading the variables into a record that the caller can see, be it private.
     *
     * @param <R> the record's type
     * @param type the record's class
     * @param lookup the caller's {@code MethodHandles.lookup()}
     * @return a reader
     */
    public <R extends Record> EnvironmentReader<R> reader(Class<R> type, java.lang.invoke.MethodHandles.Lookup lookup) {
        return new EnvironmentReader<>(this, type, Objects.requireNonNull(lookup, "lookup"));
    }

    /**
     * Compares names and values.
     *
     * @param other another object
     * @return true if it is an environment with the same variables
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof Environment that && variables.equals(that.variables);
    }

    /**
     * Returns a hash code that goes with {@link #equals}.
     *
     * @return the hash code
     */
    @Override
    public int hashCode() {
        return variables.hashCode();
    }

    /**
     * Tells how many variables there are, and nothing of them.
     *
     * @return a text that may be logged
     */
    @Override
    public String toString() {
        return "Environment[" + variables.size() + " variables]";
    }
}
