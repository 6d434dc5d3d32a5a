package io.ebridge.protocol;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Chooses which of a host's variables an enclave is told. Nothing passes that was not named. An immutable value; every method returns a
 * new one.
 *
 * <pre>{@code
 * Environment environment = Environment.allow("APP_", "LOG_LEVEL")
 *         .with("REGION", "eu-west-1")
 *         .apply(System.getenv());
 * }</pre>
 *
 * <p>Names are compared exactly, upper and lower case apart. Variables whose name or value cannot be sent, see {@link Environment}, are
 * left out.
 */
public final class EnvironmentFilter {
    /** Lets nothing through. */
    public static final EnvironmentFilter NOTHING = new EnvironmentFilter(Set.of(), Set.of(), Map.of(), false);

    private final Set<String> names;
    private final Set<String> prefixes;
    private final Map<String, String> fixed;
    private final boolean all;

    private EnvironmentFilter(Set<String> names, Set<String> prefixes, Map<String, String> fixed, boolean all) {
        this.names = names;
        this.prefixes = prefixes;
        this.fixed = fixed;
        this.all = all;
    }

    /**
     * Lets everything through, as the reference implementation does. A host's environment often holds credentials that no enclave, and
     * nobody who runs as one, should see.
     *
     * @return a filter that filters nothing
     */
    public static EnvironmentFilter insecureAllowAll() {
        return new EnvironmentFilter(Set.of(), Set.of(), Map.of(), true);
    }

    /**
     * Lets more variables through.
     *
     * @param namesAndPrefixes exact names, or prefixes: an entry that ends in {@code _} stands for every name that begins with it
     * @return the wider filter
     * @throws IllegalArgumentException if an entry is empty or only {@code _}
     */
    public EnvironmentFilter allow(String... namesAndPrefixes) {
        EnvironmentFilter filter = this;
        for (String entry : namesAndPrefixes) {
            filter = entry.endsWith("_") ? filter.allowPrefix(entry) : filter.allowName(entry);
        }
        return filter;
    }

    /**
     * Lets one variable through.
     *
     * @param name its exact name
     * @return the wider filter
     * @throws IllegalArgumentException if it is not a variable's name
     */
    public EnvironmentFilter allowName(String name) {
        requireName(name);
        return new EnvironmentFilter(plus(names, name), prefixes, fixed, all);
    }

    /**
     * Lets every variable through whose name begins so.
     *
     * @param prefix the beginning of the names, with or without {@code _} at its end
     * @return the wider filter
     * @throws IllegalArgumentException if the prefix is empty or only {@code _}
     */
    public EnvironmentFilter allowPrefix(String prefix) {
        requireName(prefix);
        return new EnvironmentFilter(names, plus(prefixes, prefix), fixed, all);
    }

    /**
     * Adds a variable with a value of its own. It wins over one of the host's with the same name.
     *
     * @param name its name
     * @param value its value
     * @return a filter with the variable
     * @throws IllegalArgumentException if the name or value cannot be sent
     */
    public EnvironmentFilter with(String name, String value) {
        TreeMap<String, String> more = new TreeMap<>(fixed);
        more.put(name, value);
        Environment.of(more);
        return new EnvironmentFilter(names, prefixes, Collections.unmodifiableMap(more), all);
    }

    /**
     * Chooses from variables.
     *
     * @param variables the host's, such as {@link System#getenv()}
     * @return what may be sent
     */
    public Environment apply(Map<String, String> variables) {
        TreeMap<String, String> chosen = new TreeMap<>();
        variables.forEach((name, value) -> {
            if (allows(name) && Environment.isName(name) && Environment.isValue(value)) {
                chosen.put(name, value);
            }
        });
        chosen.putAll(fixed);
        return Environment.of(chosen);
    }

    private boolean allows(String name) {
        return all || names.contains(name) || prefixes.stream().anyMatch(name::startsWith);
    }

    private static void requireName(String name) {
        Objects.requireNonNull(name, "name");
        if (!Environment.isName(name) || name.chars().allMatch(c -> c == '_')) {
            throw new IllegalArgumentException("not a variable's name or prefix: \"" + name + "\"");
        }
    }

    private static Set<String> plus(Set<String> set, String entry) {
        Set<String> more = new LinkedHashSet<>(set);
        more.add(entry);
        return Collections.unmodifiableSet(more);
    }

    /**
     * Shows the names and prefixes that pass, and no value.
     *
     * @return a text that may be logged
     */
    @Override
    public String toString() {
        return all
                ? "EnvironmentFilter[everything]"
                : "EnvironmentFilter[names=" + names + ", prefixes=" + prefixes + ", fixed=" + fixed.keySet() + "]";
    }
}
