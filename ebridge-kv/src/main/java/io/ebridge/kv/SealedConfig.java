package io.ebridge.kv;

import io.ebridge.kv.internal.ConfigCodec;
import io.ebridge.kv.internal.Secret;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A small set of named secrets that an enclave hands to the host as one sealed blob and gets back at the next start: the root key of
 * its store, its certificate's key, its settings.
 *
 * <p>The first start {@linkplain #create creates}, every later one {@linkplain #open opens}. The two are kept apart on purpose: a blob
 * that does not open is a {@link SealingException}, never a first run. The blob alone cannot tell an old copy of itself from the
 * newest; compare {@link #generation()} with a counter, or keep nothing in it whose old values do harm.
 *
 * <p>Immutable. Limits: 256 entries, names of 1 to 64 bytes, values up to 64 KiB each, blobs up to {@link #MAX_BLOB_BYTES}.
 */
public final class SealedConfig {

    /** The longest blob. */
    public static final int MAX_BLOB_BYTES = 1 << 20;

    private final String name;
    private final long generation;
    private final Map<String, byte[]> entries;

    private SealedConfig(String name, long generation, Map<String, byte[]> entries) {
        this.name = name;
        this.generation = generation;
        this.entries = Collections.unmodifiableMap(new TreeMap<>(entries));
    }

    /**
     * Begins a configuration that never existed.
     *
     * @param name what it is called; a blob opens under this name only
     * @return an empty configuration of generation 1
     */
    public static SealedConfig create(String name) {
        return new SealedConfig(name, 1, Map.of());
    }

    /**
     * Opens a blob.
     *
     * @param key the key it was sealed under
     * @param name the name it was sealed under
     * @param blob the blob
     * @return the configuration
     * @throws SealingException if it does not open under this key and name
     * @throws UnsupportedFormatException if a newer release sealed it
     */
    public static SealedConfig open(SealingKey key, String name, byte[] blob) {
        byte[] root = key.copy();
        try {
            ConfigCodec.Content content = ConfigCodec.open(root, name, blob);
            return new SealedConfig(name, content.generation(), content.entries());
        } finally {
            Secret.wipe(root);
        }
    }

    /**
     * Seals it.
     *
     * @param key the key to seal under
     * @return the blob, to be kept by the host
     * @throws IllegalArgumentException if a limit is exceeded
     */
    public byte[] seal(SealingKey key) {
        byte[] root = key.copy();
        try {
            return ConfigCodec.seal(root, name, new ConfigCodec.Content(generation, entries), new SecureRandom());
        } finally {
            Secret.wipe(root);
        }
    }

    /**
     * How often it has been changed: 1 when created, one more with each {@link #with}.
     *
     * @return the generation
     */
    public long generation() {
        return generation;
    }

    /**
     * An entry.
     *
     * @param entry its name
     * @return a copy of its value, if there is one
     */
    public Optional<byte[]> get(String entry) {
        return Optional.ofNullable(entries.get(entry)).map(byte[]::clone);
    }

    /**
     * This configuration with one entry set, one generation later.
     *
     * @param entry its name
     * @param value its value
     * @return the new configuration
     */
    public SealedConfig with(String entry, byte[] value) {
        Map<String, byte[]> changed = new TreeMap<>(entries);
        changed.put(entry, value.clone());
        return new SealedConfig(name, generation + 1, changed);
    }

    /**
     * This configuration with a new random key under a name, for instance the root of a {@link SealedStore}.
     *
     * @param entry the name
     * @return the new configuration
     * @throws IllegalStateException if there is such an entry: keys are not overwritten
     */
    public SealedConfig withNewKey(String entry) {
        if (entries.containsKey(entry)) {
            throw new IllegalStateException("the configuration has an entry '" + entry + "' already");
        }
        byte[] bytes = new byte[SealingKey.LENGTH];
        new SecureRandom().nextBytes(bytes);
        try {
            return with(entry, bytes);
        } finally {
            Secret.wipe(bytes);
        }
    }

    /**
     * A key that {@link #withNewKey} made.
     *
     * @param entry its name
     * @return the key; the caller closes it
     * @throws SealingException if there is no such key
     */
    public SealingKey key(String entry) {
        byte[] bytes = entries.get(entry);
        if (bytes == null || bytes.length != SealingKey.LENGTH) {
            throw new SealingException(null, "the configuration has no key '" + entry + "'", null);
        }
        return SealingKey.ofUniform(bytes);
    }

    /**
     * Name and generation; no entry.
     *
     * @return a description
     */
    @Override
    public String toString() {
        return "SealedConfig[" + name + ", generation " + generation + "]";
    }
}
