package io.ebridge.ratls;

import io.ebridge.ratls.configuration.ConfigurationTree;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What an identity says of itself at one moment: its configuration, and what its modules add to certificates. Immutable.
 *
 * @param modules by name
 */
record Configured(ConfigurationTree configuration, Map<String, Module> modules) {

    /** What a module said when it was registered. */
    record Module(Map<String, byte[]> leaves, Map<String, byte[]> extensions) {
        static Module of(AttestedModule module) {
            return new Module(copy(module.configurationLeaves()), copy(module.certificateExtensions()));
        }

        private static Map<String, byte[]> copy(Map<String, byte[]> values) {
            Map<String, byte[]> copies = new LinkedHashMap<>();
            values.forEach((name, value) -> copies.put(name, value.clone()));
            return copies;
        }
    }

    Configured {
        modules = Map.copyOf(modules);
    }

    Configured with(ConfigurationTree other) {
        return new Configured(other, modules);
    }

    /** With another module in the place of one of the same name. */
    Configured with(AttestedModule module) {
        Module before = modules.get(module.name());
        if (before == null) {
            throw new IllegalArgumentException("there is no module " + module.name());
        }
        Module after = Module.of(module);
        ConfigurationTree.Builder tree = configuration.toBuilder();
        before.leaves.keySet().forEach(tree::remove);
        Set<String> taken = new HashSet<>();
        configuration.leaves().forEach(leaf -> taken.add(leaf.name()));
        taken.removeAll(before.leaves.keySet());
        after.leaves.forEach((name, value) -> {
            if (!taken.add(name)) {
                throw new IllegalArgumentException("two values for the leaf " + name);
            }
            tree.put(name, value);
        });
        Map<String, Module> others = new LinkedHashMap<>(modules);
        others.put(module.name(), after);
        extensions(others);
        return new Configured(tree.build(), others);
    }

    /** By OID, of all modules. */
    Map<String, byte[]> extensions() {
        return extensions(modules);
    }

    /** As {@link #extensions()}; fails if two modules have the same. */
    static Map<String, byte[]> extensions(Map<String, Module> modules) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        modules.forEach((name, module) -> module.extensions.forEach((oid, value) -> {
            if (all.put(oid, value) != null) {
                throw new IllegalArgumentException("module " + name + " repeats the extension " + oid);
            }
        }));
        return all;
    }
}
