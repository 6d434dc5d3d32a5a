package io.ebridge.kv.internal;

import io.ebridge.kv.Conditional;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What one caller wants written, and what became of it. Guarded by the store's write lock once it is queued. */
final class Pending {

    /**
     * A write.
     *
     * @param value null deletes
     * @param expiry milliseconds since 1970, 0 for never
     * @param onlyIf does nothing unless the key has this word; 0 for no such condition
     */
    record Op(Space space, Space.Token token, byte[] key, byte @Nullable [] value, long expiry, long onlyIf) {
        Op(Space space, Space.Token token, byte[] key, byte @Nullable [] value, long expiry) {
            this(space, token, key, value, expiry, 0);
        }
    }

    /** A condition. */
    record Cond(Space space, Space.Token token, byte[] key, long version) {}

    /** A record sealed again under another key, to be stored if it is still the newest. */
    record Rewrite(Space space, Space.Token token, long word, byte[] sealed) {}

    final List<Op> ops;
    final List<Cond> conds;
    final boolean durable;
    List<Rewrite> rewrites = List.of();
    List<byte[]> garbage = List.of();

    @Nullable UnaryOperator<Manifest.Meta> change;

    /** Forces a manifest even if nothing else asks for one. */
    boolean manifest;

    boolean done;

    @Nullable Conditional result;

    @Nullable RuntimeException failure;

    long version;

    Pending(List<Op> ops, List<Cond> conds, boolean durable) {
        this.ops = ops;
        this.conds = conds;
        this.durable = durable;
    }

    void fail(RuntimeException why) {
        failure = why;
        done = true;
    }
}
