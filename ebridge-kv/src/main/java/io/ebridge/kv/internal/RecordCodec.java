package io.ebridge.kv.internal;

import io.ebridge.kv.Padding;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Seals and opens records; FORMAT.md, "Records". */
final class RecordCodec {

    static final int MAX_KEY = 0xffff;
    static final int TAG = 16;
    private static final byte[] CONTEXT = Hkdf.utf8("ebkv/1");

    /** What a record holds. {@code sum} is there if the header says so. */
    record Content(byte[] key, byte[] value, @Nullable Multiset sum) {}

    private final byte[] storeId;

    RecordCodec(byte[] storeId) {
        this.storeId = storeId;
    }

    /** The length of a sealed record of at most this content, for planning. */
    static int sealedLength(Padding padding, int key, int value) {
        return RecordHeader.MAX_LENGTH + TAG + padding.padded(Multiset.LENGTH + 6 + key + value);
    }

    /**
     * Seals.
     *
     * @param flags TTL and TOMBSTONE as wanted; SUM and PADDED are set here
     * @param sum what the record carries of the store's state, or null
     */
    byte[] seal(
            CryptoUnit unit,
            SecretKeySpec key,
            RecordHeader wanted,
            long hi,
            long lo,
            byte[] name,
            byte[] value,
            @Nullable Multiset sum,
            Padding padding) {
        int content = (sum == null ? 0 : Multiset.LENGTH) + 6 + name.length + value.length;
        int padded = padding.padded(content);
        int flags =
                wanted.flags() | (sum == null ? 0 : RecordHeader.SUM) | (padded == content ? 0 : RecordHeader.PADDED);
        RecordHeader header = new RecordHeader(
                flags,
                wanted.space(),
                wanted.epoch(),
                wanted.version(),
                wanted.bootRef(),
                wanted.counter(),
                wanted.expiry());
        int head = header.length();
        byte[] out = new byte[head + padded + TAG];
        header.write(out);
        byte[] plain = unit.scratch(padded);
        ByteBuffer b = ByteBuffer.wrap(plain);
        if (sum != null) {
            sum.write(b);
        }
        b.putShort((short) name.length).put(name).putInt(value.length).put(value);
        if (padded > content) {
            Arrays.fill(plain, content, padded, (byte) 0);
        }
        int aad = associatedData(unit, hi, lo, out, head);
        unit.seal(key, new GCMParameterSpec(128, out, 20, 12), aad, padded, out, head);
        return out;
    }

    /** Opens; null if the tag is wrong or the content is not exactly what was sealed. */
    @Nullable Content open(CryptoUnit unit, SecretKeySpec key, RecordHeader header, long hi, long lo, byte[] record) {
        int head = header.length();
        int aad = associatedData(unit, hi, lo, record, head);
        int length = unit.open(key, new GCMParameterSpec(128, record, 20, 12), aad, record, head, record.length - head);
        if (length < 0) {
            return null;
        }
        return decode(unit.scratch(length), length, header.flags());
    }

    /** Decodes an opened content. Authentic, yet decoded as if it were not. */
    static @Nullable Content decode(byte[] plain, int length, int flags) {
        ByteBuffer b = ByteBuffer.wrap(plain, 0, length);
        Multiset sum = null;
        if ((flags & RecordHeader.SUM) != 0) {
            if (b.remaining() < Multiset.LENGTH) {
                return null;
            }
            sum = Multiset.read(b);
        }
        if (b.remaining() < 6) {
            return null;
        }
        int keyLength = b.getShort() & 0xffff;
        if (b.remaining() < keyLength + 4) {
            return null;
        }
        byte[] key = new byte[keyLength];
        b.get(key);
        int valueLength = b.getInt();
        if (valueLength < 0 || b.remaining() < valueLength) {
            return null;
        }
        byte[] value = new byte[valueLength];
        b.get(value);
        if (b.hasRemaining() != ((flags & RecordHeader.PADDED) != 0)) {
            return null;
        }
        while (b.hasRemaining()) {
            if (b.get() != 0) {
                return null;
            }
        }
        if ((flags & RecordHeader.TOMBSTONE) != 0 && valueLength != 0) {
            return null;
        }
        return new Content(key, value, sum);
    }

    private int associatedData(CryptoUnit unit, long hi, long lo, byte[] record, int head) {
        ByteBuffer b = ByteBuffer.wrap(unit.aad);
        b.put(CONTEXT).put(storeId).putLong(hi).putLong(lo).put(record, 0, head);
        return b.position();
    }
}
