package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.Entry;
import io.ebridge.kv.ForkedException;
import io.ebridge.kv.FrozenTimeException;
import io.ebridge.kv.MissingException;
import io.ebridge.kv.SealedStoreException;
import io.ebridge.kv.StaleException;
import io.ebridge.kv.StoreOptions;
import io.ebridge.kv.TamperedException;
import io.ebridge.kv.Tier;
import io.ebridge.kv.TrustedTime;
import io.ebridge.kv.UnsupportedFormatException;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.MonotonicCounter;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** What the parts of an open store share. Fields marked so are guarded by {@link #lock}. */
final class Core {

    static final int BOOT_SHIFT = 40;

    final HostStore host;
    final StoreOptions options;
    final Tier tier;
    final KeyTree keys;
    final RecordCodec records;
    final ManifestCodec manifests;
    final AesKey indexKey;
    final CryptoUnit.Pool pool = new CryptoUnit.Pool();
    final Snapshots snapshots = new Snapshots();
    final ReentrantLock lock = new ReentrantLock();
    private final ConcurrentSkipListMap<Integer, Space> byRef = new ConcurrentSkipListMap<>();
    private final Map<String, Space> byName = new java.util.concurrent.ConcurrentHashMap<>();

    /** The next nonce's second part; never repeats within a start. */
    final AtomicLong nonce = new AtomicLong();

    int bootRef;
    byte[] bootRandom = new byte[32];
    MonotonicCounter.@Nullable Lease lease;
    volatile boolean closed;
    volatile @Nullable SealedStoreException dead;
    volatile Manifest.@Nullable Meta meta;

    /** Guarded by {@link #lock}: the newest version, the sum of all records, the newest manifest. */
    volatile long version;

    Multiset sum = new Multiset();
    volatile long sequence;
    byte[] manifestHash = new byte[32];
    volatile int volatileWrites;
    long blocks;

    Core(HostStore host, byte[] root, StoreOptions options) {
        this.host = host;
        this.options = options;
        this.tier = options.tier();
        this.keys = new KeyTree(root, options.storeName());
        this.records = new RecordCodec(keys.storeId());
        this.manifests = new ManifestCodec(keys);
        this.indexKey = keys.indexKey();
    }

    boolean fresh() {
        return tier != Tier.SEALED;
    }

    Manifest.Meta meta() {
        Manifest.Meta m = meta;
        if (m == null) {
            throw new IllegalStateException("the store is not open");
        }
        return m;
    }

    // ---- namespaces

    Collection<Space> spaces() {
        return byRef.values();
    }

    @Nullable Space space(int ref) {
        return byRef.get(ref);
    }

    Space restore(int ref, String name) {
        Space space = new Space(ref, name, keys.tokenKey(name, KeyTree.TOKEN_GENERATION));
        byRef.put(ref, space);
        byName.put(name, space);
        return space;
    }

    Space space(String name) {
        Space known = byName.get(name);
        if (known != null) {
            return known;
        }
        Hkdf.name("namespace", name);
        synchronized (byName) {
            known = byName.get(name);
            if (known != null) {
                return known;
            }
            if (byRef.size() >= ManifestCodec.MAX_SPACES) {
                throw new IllegalStateException("a store has at most " + ManifestCodec.MAX_SPACES + " namespaces");
            }
            return restore(byRef.isEmpty() ? 1 : byRef.lastKey() + 1, name);
        }
    }

    Space.Token token(Space space, byte[] key) {
        CryptoUnit unit = pool.take();
        try {
            return token(unit, space, key);
        } finally {
            pool.give(unit);
        }
    }

    Space.Token token(CryptoUnit unit, Space space, byte[] key) {
        if (key.length < 1 || key.length > RecordCodec.MAX_KEY) {
            throw new IllegalArgumentException("a key has 1 to 65535 bytes, not " + key.length);
        }
        return unit.token(space, key);
    }

    // ---- state and failures

    void check() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        SealedStoreException why = dead;
        if (why != null) {
            throw again(why, null);
        }
        MonotonicCounter.Lease held = lease;
        if (held != null && !held.held()) {
            SealedStoreException lost = new ForkedException(
                    null, "the counter's lease has run out; another instance may have taken over", null);
            dead = lost;
            throw failed(lost);
        }
    }

    void check(Space space) {
        check();
        SealedStoreException why = space.quarantine;
        if (why != null) {
            throw again(why, space.name);
        }
    }

    private static SealedStoreException again(SealedStoreException why, @Nullable String space) {
        String text = (space == null ? "the store has failed: " : "in quarantine: ") + why.getMessage();
        return switch (why.reason()) {
            case MISSING -> new MissingException(space, text, why);
            case STALE -> new StaleException(space, text, why);
            case FORKED -> new ForkedException(space, text, why);
            case BACKEND -> new BackendException(false, text, why);
            default -> new TamperedException(space, text, why);
        };
    }

    <E extends SealedStoreException> E failed(E failure) {
        options.listener().onFailure(failure);
        return failure;
    }

    <E extends SealedStoreException> E quarantine(Space space, E failure) {
        if (space.quarantine == null) {
            space.quarantine = failure;
            options.listener().onQuarantine(space.name, failure);
        }
        return failed(failure);
    }

    // ---- records

    @Nullable SecretKeySpec valueKey(Space space, int epoch, int boot) {
        Space.ValueKey last = space.lastKey;
        if (last != null && last.epoch() == epoch && last.boot() == boot) {
            return last.key();
        }
        Long id = (long) epoch << 32 | boot;
        SecretKeySpec key = space.valueKeys.get(id);
        if (key != null) {
            space.lastKey = new Space.ValueKey(epoch, boot, key);
            return key;
        }
        Manifest.Meta m = meta();
        byte[] random = m.boots().get(boot);
        if (random == null || epoch < m.oldestEpoch() || epoch > m.epoch()) {
            return null;
        }
        key = keys.valueKey(epoch, space.name, random);
        space.valueKeys.put(id, key);
        return key;
    }

    /** The head of a record that is sealed now: the current epoch and start, and a nonce that none had before. */
    RecordHeader header(Manifest.Meta m, Space space, long word, long expiry) {
        return new RecordHeader(
                RecordHeader.summed(word),
                space.ref,
                m.epoch(),
                word & VersionTable.VERSION,
                bootRef,
                nonce.incrementAndGet(),
                expiry);
    }

    /** The length of the record that {@link #seal} makes. */
    int length(RecordHeader header, byte[] key, byte[] value, @Nullable Multiset carried) {
        return RecordCodec.length(header, key.length, value.length, carried != null, options.padding());
    }

    /** Seals into {@code out} from {@code at}; each head once. Call with the write lock. */
    void seal(
            CryptoUnit unit,
            Space space,
            RecordHeader header,
            long hi,
            long lo,
            byte[] key,
            byte[] value,
            @Nullable Multiset carried,
            byte[] out,
            int at) {
        SecretKeySpec valueKey = valueKey(space, header.epoch(), bootRef);
        if (valueKey == null) {
            throw new IllegalStateException("no key for the current epoch");
        }
        records.seal(unit, valueKey, header, hi, lo, key, value, carried, options.padding(), out, at);
        blocks += (length(header, key, value, carried) >>> 4) + 1;
    }

    /** An opened record. */
    record Opened(RecordHeader header, RecordCodec.Content content) {

        /** What a caller gets, who asked for a key, or for whatever there is. */
        Entry entry(byte @Nullable [] asked) {
            byte[] key = content.key();
            return new Entry(
                    key == asked ? key.clone() : key,
                    content.value(),
                    header.version(),
                    header.expiry() == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(header.expiry())));
        }

        /** The length of key and value. */
        long bytes() {
            return content.key().length + content.value().length;
        }
    }

    /** Opens a record for a token; null if it is not authentic there. */
    @Nullable Opened open(CryptoUnit unit, Space space, long hi, long lo, byte[] record) {
        RecordHeader header = RecordHeader.parse(record);
        if (header == null) {
            if (RecordHeader.newer(record)) {
                throw failed(newer(space, record));
            }
            return null;
        }
        return open(unit, space, header, hi, lo, record, record.length, null);
    }

    /** Opens {@code record[0..length)}, whose head has been parsed. {@code name} as for {@link RecordCodec#open}. */
    @Nullable Opened open(
            CryptoUnit unit,
            Space space,
            RecordHeader header,
            long hi,
            long lo,
            byte[] record,
            int length,
            byte @Nullable [] name) {
        if (header.space() != space.ref) {
            return null;
        }
        SecretKeySpec key = valueKey(space, header.epoch(), header.bootRef());
        RecordCodec.Content content =
                key == null ? null : records.open(unit, key, header, hi, lo, record, length, name);
        return content == null ? null : new Opened(header, content);
    }

    /** The failure that a record deserves which is not the one expected. */
    SealedStoreException mismatch(CryptoUnit unit, Space space, long hi, long lo, byte @Nullable [] record, long word) {
        if (record == null) {
            return new MissingException(
                    space.name, "the host says that a record does not exist which does: " + id(hi, lo), null);
        }
        if (RecordHeader.newer(record)) {
            return newer(space, record);
        }
        Opened opened = open(unit, space, hi, lo, record);
        if (opened != null && opened.header().word() != word) {
            return new StaleException(
                    space.name,
                    "the host answered with version " + opened.header().version() + " of record " + id(hi, lo)
                            + ", the newest is " + (word & VersionTable.VERSION),
                    null);
        }
        return new TamperedException(
                space.name, "the host answered with something that was never stored as " + id(hi, lo), null);
    }

    static UnsupportedFormatException newer(@Nullable Space space, byte[] record) {
        return new UnsupportedFormatException(
                space == null ? null : space.name,
                "a record has format " + (record[1] & 0xff) + ", newer than this release reads",
                null);
    }

    static String id(long hi, long lo) {
        return HostKeys.hex(HostKeys.data(hi, lo));
    }

    /** Checks the true key and the time; null if the record is a deletion or has expired. */
    @Nullable Opened visible(Space space, Opened opened, byte @Nullable [] key) {
        RecordHeader header = opened.header();
        if (key != null && !Arrays.equals(key, opened.content().key())) {
            throw quarantine(
                    space, new TamperedException(space.name, "a record holds another key than was asked for", null));
        }
        boolean gone = (header.flags() & RecordHeader.TOMBSTONE) != 0
                || (header.flags() & RecordHeader.TTL) != 0 && expired(space, header.expiry());
        return gone ? null : opened;
    }

    boolean expired(Space space, long expiry) {
        TrustedTime.Reading reading = options.time().read();
        if (expiry <= Math.max(reading.floor().toEpochMilli(), meta().timeFloor())) {
            return true;
        }
        if (reading.frozen()) {
            throw failed(new FrozenTimeException(
                    space.name, "the record has an end that is not known to have passed, and time is frozen", null));
        }
        return false;
    }
}
