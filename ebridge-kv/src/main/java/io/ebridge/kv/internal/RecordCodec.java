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

    /** How much associated data stands before the record's head: context, store and token. */
    private static final int PLACE = CONTEXT.length + 32;

    /** What a record holds. {@code sum} is there if the header says so. */
    record Content(byte[] key, byte[] value, @Nullable Multiset sum) {}

    private final byte[] prefix;

    RecordCodec(byte[] storeId) {
        prefix = Arrays.copyOf(CONTEXT, CONTEXT.length + storeId.length);
        System.arraycopy(storeId, 0, prefix, CONTEXT.length, storeId.length);
    }

    /** The length of a sealed record of at most this content, for planning. */
    static int sealedLength(Padding padding, int key, int value) {
        return RecordHeader.MAX_LENGTH + TAG + padding.padded(Multiset.LENGTH + 6 + key + value);
    }

    /** The length of what {@link #seal} makes of a content. */
    static int length(RecordHeader wanted, int key, int value, boolean sum, Padding padding) {
        return wanted.length() + padding.padded((sum ? Multiset.LENGTH : 0) + 6 + key + value) + TAG;
    }

    /**
     * Seals into {@code out} from {@code at}.
     *
     * @param wanted flags TTL and TOMBSTONE as wanted; SUM and PADDED are set here
     * @param sum what the record carries of the store's state, or null
     */
    void seal(
            CryptoUnit unit,
            SecretKeySpec key,
            RecordHeader wanted,
            long hi,
            long lo,
            byte[] name,
            byte[] value,
            @Nullable Multiset sum,
            Padding padding,
            byte[] out,
            int at) {
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
        header.write(out, at);
        header.write(unit.aad, place(unit, hi, lo));
        byte[] plain = unit.scratch(padded);
        int end = 0;
        if (sum != null) {
            sum.write(plain);
            end = Multiset.LENGTH;
        }
        Bytes.putShort(plain, end, name.length);
        System.arraycopy(name, 0, plain, end + 2, name.length);
        end += 2 + name.length;
        Bytes.putInt(plain, end, value.length);
        System.arraycopy(value, 0, plain, end + 4, value.length);
        if (padded > content) {
            Arrays.fill(plain, content, padded, (byte) 0);
        }
        int head = header.length();
        GCMParameterSpec nonce = new GCMParameterSpec(128, out, at + RecordHeader.NONCE, 12);
        unit.seal(key, nonce, PLACE + head, padded, out, at + head);
    }

    /**
     * Opens {@code record[0..size)}; null if the tag is wrong or the content is not exactly what was sealed.
     *
     * @param name what the record is expected to hold as its key, which is then handed out without a copy; or null
     */
    @Nullable Content open(
            CryptoUnit unit,
            SecretKeySpec key,
            RecordHeader header,
            long hi,
            long lo,
            byte[] record,
            int size,
            byte @Nullable [] name) {
        int head = header.length();
        System.arraycopy(record, 0, unit.aad, place(unit, hi, lo), head);
        GCMParameterSpec nonce = new GCMParameterSpec(128, record, RecordHeader.NONCE, 12);
        int length = unit.open(key, nonce, PLACE + head, record, head, size - head);
        if (length < 0) {
            return null;
        }
        return decode(unit.scratch(length), length, header.flags(), name);
    }

    /** Decodes an opened content. Authentic, yet decoded as if it were not. */
    static @Nullable Content decode(byte[] plain, int length, int flags, byte @Nullable [] name) {
        int at = 0;
        Multiset sum = null;
        if ((flags & RecordHeader.SUM) != 0) {
            if (length < Multiset.LENGTH) {
                return null;
            }
            sum = Multiset.read(ByteBuffer.wrap(plain));
            at = Multiset.LENGTH;
        }
        if (length - at < 6) {
            return null;
        }
        int keyLength = Bytes.getShort(plain, at);
        at += 2;
        if (length - at < keyLength + 4) {
            return null;
        }
        // Both are the enclave's own, so how long comparing takes tells the host nothing.
        byte[] key = name != null && Arrays.equals(plain, at, at + keyLength, name, 0, name.length)
                ? name
                : Arrays.copyOfRange(plain, at, at + keyLength);
        at += keyLength;
        int valueLength = Bytes.getInt(plain, at);
        at += 4;
        if (valueLength < 0 || valueLength > length - at) {
            return null;
        }
        byte[] value = Arrays.copyOfRange(plain, at, at + valueLength);
        at += valueLength;
        if (at < length != ((flags & RecordHeader.PADDED) != 0)) {
            return null;
        }
        while (at < length) {
            if (plain[at++] != 0) {
                return null;
            }
        }
        if ((flags & RecordHeader.TOMBSTONE) != 0 && valueLength != 0) {
            return null;
        }
        return new Content(key, value, sum);
    }

    /** Begins the associated data; the record's head belongs where it says. */
    private int place(CryptoUnit unit, long hi, long lo) {
        System.arraycopy(prefix, 0, unit.aad, 0, prefix.length);
        Bytes.putLong(unit.aad, prefix.length, hi);
        Bytes.putLong(unit.aad, prefix.length + 8, lo);
        return PLACE;
    }
}
