package io.ebridge.testkit.attest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The changes that defects make, by site. Immutable once built. */
final class Tampering {
    /** No change anywhere. */
    static final Tampering NONE = new Tampering(Map.of());

    private final Map<Site<?>, List<UnaryOperator<?>>> changes;

    private Tampering(Map<Site<?>, List<UnaryOperator<?>>> changes) {
        this.changes = changes;
    }

    /** Whether anything changes at one of some sites. */
    boolean touches(List<Site<?>> sites) {
        return sites.stream().anyMatch(changes::containsKey);
    }

    /** Lets a value pass a site. */
    @SuppressWarnings("unchecked")
    <T> T pass(Site<T> site, T value) {
        T v = value;
        for (UnaryOperator<?> change : changes.getOrDefault(site, List.of())) {
            v = ((UnaryOperator<T>) change).apply(v);
        }
        return v;
    }

    /** Both changes, these first. */
    Tampering and(Tampering other) {
        Map<Site<?>, List<UnaryOperator<?>>> all = new HashMap<>(changes);
        other.changes.forEach((site, list) -> {
            List<UnaryOperator<?>> joined = new ArrayList<>(all.getOrDefault(site, List.of()));
            joined.addAll(list);
            all.put(site, List.copyOf(joined));
        });
        return new Tampering(Map.copyOf(all));
    }

    /** Replaces what passes a site. */
    static <T> Tampering at(Site<T> site, UnaryOperator<T> change) {
        return new Tampering(Map.of(site, List.of(change)));
    }

    /** Changes what passes a site, in place. */
    static <T> Tampering in(Site<T> site, Consumer<T> change) {
        return at(site, v -> {
            change.accept(v);
            return v;
        });
    }
}
