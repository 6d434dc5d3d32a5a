package io.ebridge.kv.internal;

import java.nio.ByteBuffer;

/**
 * A keyed additive multiset hash modulo 2^256 (MSet-Add-Hash; Clarke and others, ASIACRYPT 2003) with its count. The sum never
 * leaves the enclave unencrypted, and every element occurs once.
 */
final class Multiset {

    static final int LENGTH = 40;

    private long a;
    private long b;
    private long c;
    private long d;
    private long count;

    Multiset() {}

    Multiset copy() {
        return new Multiset().add(this);
    }

    long count() {
        return count;
    }

    Multiset add(Multiset other) {
        long n = count + other.count;
        fold(true, other.a, other.b, other.c, other.d);
        count = n;
        return this;
    }

    Multiset subtract(Multiset other) {
        long n = count - other.count;
        fold(false, other.a, other.b, other.c, other.d);
        count = n;
        return this;
    }

    /** One element, most significant word first. */
    void fold(boolean add, long w, long x, long y, long z) {
        if (add) {
            long d0 = d + z;
            long carry = Long.compareUnsigned(d0, z) < 0 ? 1 : 0;
            long c0 = c + y;
            long carryC = Long.compareUnsigned(c0, y) < 0 ? 1 : 0;
            long c1 = c0 + carry;
            carryC |= Long.compareUnsigned(c1, c0) < 0 ? 1 : 0;
            long b0 = b + x;
            long carryB = Long.compareUnsigned(b0, x) < 0 ? 1 : 0;
            long b1 = b0 + carryC;
            carryB |= Long.compareUnsigned(b1, b0) < 0 ? 1 : 0;
            a = a + w + carryB;
            b = b1;
            c = c1;
            d = d0;
            count++;
        } else {
            long borrow = Long.compareUnsigned(d, z) < 0 ? 1 : 0;
            d -= z;
            long borrowC = Long.compareUnsigned(c, y) < 0 ? 1 : 0;
            long c0 = c - y;
            borrowC |= Long.compareUnsigned(c0, borrow) < 0 ? 1 : 0;
            c = c0 - borrow;
            long borrowB = Long.compareUnsigned(b, x) < 0 ? 1 : 0;
            long b0 = b - x;
            borrowB |= Long.compareUnsigned(b0, borrowC) < 0 ? 1 : 0;
            b = b0 - borrowC;
            a = a - w - borrowB;
            count--;
        }
    }

    void write(ByteBuffer out) {
        out.putLong(a).putLong(b).putLong(c).putLong(d).putLong(count);
    }

    void write(byte[] out) {
        Bytes.putLong(out, 0, a);
        Bytes.putLong(out, 8, b);
        Bytes.putLong(out, 16, c);
        Bytes.putLong(out, 24, d);
        Bytes.putLong(out, 32, count);
    }

    static Multiset read(ByteBuffer in) {
        Multiset m = new Multiset();
        m.a = in.getLong();
        m.b = in.getLong();
        m.c = in.getLong();
        m.d = in.getLong();
        m.count = in.getLong();
        return m;
    }

    boolean same(Multiset o) {
        return ((a ^ o.a) | (b ^ o.b) | (c ^ o.c) | (d ^ o.d) | (count ^ o.count)) == 0;
    }
}
