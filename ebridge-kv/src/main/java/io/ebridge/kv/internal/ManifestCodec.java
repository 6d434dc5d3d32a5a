package io.ebridge.kv.internal;

import io.ebridge.kv.UnsupportedFormatException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/** Seals and opens manifests; FORMAT.md, "Manifests". */
final class ManifestCodec {

    static final int MAX_SPACES = 4096;
    static final int MAX_BOOTS = 65_536;
    static final int MAX_NAME = 64;
    private static final int MAX_BODY = 4 << 20;
    private static final byte[] MAGIC = Hkdf.utf8("EBKM");
    private static final byte FORMAT = 1;
    private static final int HEAD = 4 + 1 + 1 + 32 + 12;
    private static final byte[] CONTEXT = Hkdf.utf8("ebkv/1 manifest");

    private final KeyTree keys;

    ManifestCodec(KeyTree keys) {
        this.keys = keys;
    }

    /** The host key of a slot. */
    static byte[] slotKey(long sequence) {
        return new byte[] {HostKeys.MANIFEST, (byte) (sequence & 1)};
    }

    static byte[] hash(byte[] sealed) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(sealed);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }

    /** Seals with the key of the start that writes it; the sequence is the nonce and never repeats within a start. */
    byte[] seal(CryptoUnit unit, Manifest manifest, byte[] bootRandom) {
        byte[] body = encode(manifest);
        byte[] out = new byte[HEAD + body.length + RecordCodec.TAG];
        ByteBuffer b = ByteBuffer.wrap(out);
        b.put(MAGIC).put(FORMAT).put((byte) 1).put(bootRandom).putInt(0).putLong(manifest.sequence());
        System.arraycopy(body, 0, unit.scratch(body.length), 0, body.length);
        byte[] nonce = new byte[12];
        System.arraycopy(out, HEAD - 12, nonce, 0, 12);
        unit.seal(keys.manifestKey(bootRandom), nonce, associatedData(unit, out), body.length, out, HEAD);
        return out;
    }

    /**
     * Opens.
     *
     * @param slot 0 or 1, the slot it was read from
     * @return the manifest, or null if it is not authentic for this store and slot
     * @throws UnsupportedFormatException if it is of a newer format
     */
    @Nullable Manifest open(CryptoUnit unit, byte[] sealed, int slot) {
        if (sealed.length < HEAD + RecordCodec.TAG || sealed.length > HEAD + MAX_BODY + RecordCodec.TAG) {
            return null;
        }
        ByteBuffer b = ByteBuffer.wrap(sealed);
        byte[] magic = new byte[4];
        b.get(magic);
        if (!MessageDigest.isEqual(magic, MAGIC)) {
            return null;
        }
        int format = b.get() & 0xff;
        int suite = b.get() & 0xff;
        if (format > FORMAT || (format == FORMAT && suite > 1)) {
            throw new UnsupportedFormatException(
                    null, "the manifest has format " + format + "." + suite + ", newer than this release reads", null);
        }
        if (format != FORMAT || suite != 1) {
            return null;
        }
        byte[] bootRandom = new byte[32];
        b.get(bootRandom);
        int zero = b.getInt();
        long sequence = b.getLong();
        if (zero != 0 || sequence < 1 || (sequence & 1) != slot) {
            return null;
        }
        int length = unit.open(
                keys.manifestKey(bootRandom),
                new GCMParameterSpec(128, sealed, HEAD - 12, 12),
                associatedData(unit, sealed),
                sealed,
                HEAD,
                sealed.length - HEAD);
        if (length < 0) {
            return null;
        }
        Manifest manifest = decode(ByteBuffer.wrap(unit.scratch(length), 0, length));
        return manifest != null && manifest.sequence() == sequence ? manifest : null;
    }

    private int associatedData(CryptoUnit unit, byte[] sealed) {
        ByteBuffer b = ByteBuffer.wrap(unit.aad);
        b.put(CONTEXT).put(keys.storeId()).put(sealed, 0, HEAD);
        return b.position();
    }

    static byte[] encode(Manifest m) {
        int size = 256 + m.meta().boots().size() * 36;
        for (Manifest.Row row : m.spaces()) {
            size += 8 + 3 * row.name().length() + Multiset.LENGTH;
        }
        ByteBuffer b = ByteBuffer.allocate(size);
        b.put((byte) m.tier()).putLong(m.sequence()).put(m.previous()).putLong(m.version());
        m.sum().write(b);
        Manifest.Meta meta = m.meta();
        b.putInt(m.bootRef()).putInt(meta.epoch()).putInt(meta.oldestEpoch()).putInt(meta.epochFirstBoot());
        b.putLong(meta.sealedBlocks()).putInt(meta.cursorSpace()).putLong(meta.cursorHi());
        b.putLong(meta.cursorLo()).putLong(meta.timeFloor());
        b.putInt(meta.boots().size());
        meta.boots().forEach((ref, random) -> b.putInt(ref).put(random));
        b.putInt(m.spaces().size());
        for (Manifest.Row row : m.spaces()) {
            byte[] name = Hkdf.utf8(row.name());
            b.putInt(row.ref())
                    .put((byte) (row.quarantined() ? 1 : 0))
                    .put((byte) name.length)
                    .put(name);
            row.sum().write(b);
        }
        byte[] body = new byte[b.position()];
        b.flip().get(body);
        return body;
    }

    /** Decodes strictly; null if anything is out of place. */
    static @Nullable Manifest decode(ByteBuffer b) {
        try {
            int tier = b.get();
            long sequence = b.getLong();
            byte[] previous = new byte[32];
            b.get(previous);
            long version = b.getLong();
            Multiset sum = Multiset.read(b);
            int bootRef = b.getInt();
            int epoch = b.getInt();
            int oldest = b.getInt();
            int firstBoot = b.getInt();
            long blocks = b.getLong();
            int cursorSpace = b.getInt();
            long cursorHi = b.getLong();
            long cursorLo = b.getLong();
            long floor = b.getLong();
            if (tier < 0 || tier > 2 || sequence < 1 || version < 0 || bootRef < 1) {
                return null;
            }
            if (oldest < 1 || epoch < oldest || firstBoot < 1 || firstBoot > bootRef || blocks < 0) {
                return null;
            }
            SortedMap<Integer, byte[]> boots = boots(b);
            List<Manifest.Row> rows = boots == null ? null : rows(b);
            if (boots == null || rows == null || !boots.containsKey(bootRef) || b.hasRemaining()) {
                return null;
            }
            Manifest.Meta meta =
                    new Manifest.Meta(epoch, oldest, firstBoot, blocks, boots, cursorSpace, cursorHi, cursorLo, floor);
            return new Manifest(tier, sequence, previous, version, sum, bootRef, meta, rows);
        } catch (BufferUnderflowException e) {
            return null;
        }
    }

    private static @Nullable SortedMap<Integer, byte[]> boots(ByteBuffer b) {
        int n = b.getInt();
        if (n < 1 || n > MAX_BOOTS || n > b.remaining() / 36) {
            return null;
        }
        TreeMap<Integer, byte[]> boots = new TreeMap<>();
        int before = 0;
        for (int i = 0; i < n; i++) {
            int ref = b.getInt();
            if (ref <= before) {
                return null;
            }
            before = ref;
            byte[] random = new byte[32];
            b.get(random);
            boots.put(ref, random);
        }
        return Collections.unmodifiableSortedMap(boots);
    }

    private static @Nullable List<Manifest.Row> rows(ByteBuffer b) {
        int n = b.getInt();
        if (n < 0 || n > MAX_SPACES || n > b.remaining() / 7) {
            return null;
        }
        List<Manifest.Row> rows = new ArrayList<>(n);
        Set<String> names = new HashSet<>();
        int before = 0;
        for (int i = 0; i < n; i++) {
            int ref = b.getInt();
            int quarantined = b.get();
            int length = b.get();
            if (ref <= before || quarantined < 0 || quarantined > 1 || length < 1 || length > MAX_NAME) {
                return null;
            }
            before = ref;
            if (b.remaining() < length) {
                return null;
            }
            ByteBuffer bytes = b.slice().limit(length);
            b.position(b.position() + length);
            String name;
            try {
                name = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            } catch (CharacterCodingException e) {
                return null;
            }
            if (!names.add(name)) {
                return null;
            }
            rows.add(new Manifest.Row(ref, name, Multiset.read(b), quarantined == 1));
        }
        return List.copyOf(rows);
    }
}
