package io.ebridge.tunnel;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A block of IPv4 or IPv6 addresses in CIDR notation (RFC 4632, RFC 4291). */
record AddressRange(InetAddress network, int prefix) {
    AddressRange {
        int bits = network.getAddress().length * 8;
        if (prefix < 0 || prefix > bits) {
            throw new IllegalArgumentException("Prefix length " + prefix + " is not within 0 to " + bits);
        }
        byte[] bytes = network.getAddress();
        for (int bit = prefix; bit < bits; bit++) {
            if ((bytes[bit >> 3] & 0x80 >> (bit & 7)) != 0) {
                throw new IllegalArgumentException(
                        network.getHostAddress() + "/" + prefix + " has bits set behind its prefix");
            }
        }
    }

    /** Parses {@code address} or {@code address/prefix}; the address must be a literal. */
    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        InetAddress network = literal(slash < 0 ? text : text.substring(0, slash));
        if (network == null) {
            throw new IllegalArgumentException("'" + text + "' is not an address or CIDR block");
        }
        int prefix = network.getAddress().length * 8;
        if (slash >= 0) {
            String digits = text.substring(slash + 1);
            if (!digits.matches("[0-9]{1,3}")) {
                throw new IllegalArgumentException("'" + digits + "' is not a prefix length");
            }
            prefix = Integer.parseInt(digits);
        }
        return new AddressRange(network, prefix);
    }

    /**
     * The address that a strict literal stands for, or null if the text is none. The lax forms of old resolvers (octal,
     * hexadecimal, fewer than four parts, zone ids) are not literals here.
     */
    static @Nullable InetAddress literal(String text) {
        boolean v4 = strictV4(text);
        if (!v4 && (text.indexOf(':') < 0 || text.indexOf('%') >= 0 || text.indexOf('[') >= 0)) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return null;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An address of " + bytes.length + " bytes", e);
        }
    }

    private static boolean strictV4(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 4) {
            return false;
        }
        for (String part : parts) {
            boolean plain = part.matches("0|[1-9][0-9]{0,2}");
            if (!plain || Integer.parseInt(part) > 255) {
                return false;
            }
        }
        return true;
    }

    boolean contains(InetAddress address) {
        return contains(address.getAddress());
    }

    boolean contains(byte[] address) {
        byte[] base = network.getAddress();
        if (address.length != base.length) {
            return false;
        }
        int whole = prefix >> 3;
        if (!Arrays.equals(base, 0, whole, address, 0, whole)) {
            return false;
        }
        int rest = prefix & 7;
        return rest == 0 || (base[whole] & 0xff) >> 8 - rest == (address[whole] & 0xff) >> 8 - rest;
    }

    /** Whether every address of this block lies in the other one. */
    boolean within(AddressRange other) {
        return prefix >= other.prefix && other.contains(network);
    }

    @Override
    public String toString() {
        return network.getHostAddress() + "/" + prefix;
    }
}
