package io.ebridge.kv.internal;

import io.ebridge.kv.SealedStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongPredicate;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** One namespace of an open store. */
final class Space {

    final int ref;
    final String name;
    final AesKey tokenKey;
    final ConcurrentHashMap<Long, SecretKeySpec> valueKeys = new ConcurrentHashMap<>();
    /** The one of {@link #valueKeys} that was used last. */
    volatile @Nullable ValueKey lastKey;

    volatile VersionTable table = new VersionTable();

    /** Guarded by the store's write lock, as the two flags below. */
    final Multiset sum = new Multiset();

    /** Whether a manifest names it. */
    boolean saved;

    /** Whether the store's sum leaves it out, which manifests say of quarantined namespaces. */
    boolean excluded;

    volatile @Nullable SealedStoreException quarantine;

    /** Held while it is looked at for the end of its quarantine; taken before the store's write lock. */
    final ReentrantLock readmitting = new ReentrantLock();

    Space(int ref, String name, AesKey tokenKey) {
        this.ref = ref;
        this.name = name;
        this.tokenKey = tokenKey;
    }

    /** The places in a segment of the version table whose words a filter lets through, in the order of their host keys. */
    List<Token> tokens(int segment, LongPredicate wanted) {
        long[] raw = table.segment(segment);
        List<Token> tokens = new ArrayList<>(raw.length / 3);
        for (int i = 0; i < raw.length; i += 3) {
            if (wanted.test(raw[i + 2])) {
                tokens.add(new Token(ref, raw[i], raw[i + 1]));
            }
        }
        tokens.sort(Token::compareTo);
        return tokens;
    }

    /** Forgets all value keys. */
    void forgetKeys() {
        valueKeys.clear();
        lastKey = null;
    }

    /** The key of an epoch and a start. */
    record ValueKey(int epoch, int boot, SecretKeySpec key) {}

    /** The place of a key in this namespace. */
    record Token(int space, long hi, long lo) implements Comparable<Token> {

        /** As the host compares keys. */
        @Override
        public int compareTo(Token other) {
            int order = Long.compareUnsigned(hi, other.hi);
            return order != 0 ? order : Long.compareUnsigned(lo, other.lo);
        }
    }
}
