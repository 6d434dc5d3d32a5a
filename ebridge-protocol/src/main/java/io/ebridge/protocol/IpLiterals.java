package io.ebridge.protocol;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * IP addresses as text, strictly: four decimal numbers without leading zeros, or RFC 4291 section 2.2 without a zone. The JDK's own
 * parsers accept more, and other readers of the same text would understand it differently.
 */
final class IpLiterals {
    private IpLiterals() {}

    /** Returns 4 or 16 bytes, or null if the text is neither. */
    static byte @Nullable [] parse(String text) {
        return text.indexOf(':') < 0 ? parseV4(text) : parseV6(text);
    }

    static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }

    /** The address without a zone. */
    static String text(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }

    private static byte @Nullable [] parseV4(String text) {
        byte[] bytes = new byte[4];
        int at = 0;
        for (int part = 0; part < 4; part++) {
            int value = 0;
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9' && at - start < 3) {
                value = value * 10 + text.charAt(at++) - '0';
            }
            boolean leadingZero = at - start > 1 && text.charAt(start) == '0';
            if (at == start || value > 255 || leadingZero) {
                return null;
            }
            bytes[part] = (byte) value;
            if (part < 3 && (at >= text.length() || text.charAt(at++) != '.')) {
                return null;
            }
        }
        return at == text.length() ? bytes : null;
    }

    private static byte @Nullable [] parseV6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            byte[] all = groups(text, true);
            return all != null && all.length == 16 ? all : null;
        }
        byte[] head = gap == 0 ? new byte[0] : groups(text.substring(0, gap), false);
        byte[] tail = gap + 2 == text.length() ? new byte[0] : groups(text.substring(gap + 2), true);
        // The gap stands for at least one group of zeros.
        if (head == null || tail == null || head.length + tail.length > 14) {
            return null;
        }
        byte[] all = Arrays.copyOf(head, 16);
        System.arraycopy(tail, 0, all, 16 - tail.length, tail.length);
        return all;
    }

    /** Reads groups between colons; only the very end of an address may be an IPv4 address. */
    private static byte @Nullable [] groups(String text, boolean mayEndInV4) {
        String[] parts = text.split(":", -1);
        if (parts.length > 8) {
            return null;
        }
        byte[] bytes = new byte[18];
        int size = 0;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            if (mayEndInV4 && i == parts.length - 1 && part.indexOf('.') >= 0) {
                byte[] v4 = parseV4(part);
                if (v4 == null) {
                    return null;
                }
                System.arraycopy(v4, 0, bytes, size, 4);
                size += 4;
                continue;
            }
            if (part.isEmpty() || part.length() > 4) {
                return null;
            }
            int value = 0;
            for (int j = 0; j < part.length(); j++) {
                char c = part.charAt(j);
                int digit = c < 0x80 ? Character.digit(c, 16) : -1;
                if (digit < 0) {
                    return null;
                }
                value = (value << 4) | digit;
            }
            bytes[size++] = (byte) (value >> 8);
            bytes[size++] = (byte) value;
        }
        return size > 16 ? null : Arrays.copyOf(bytes, size);
    }
}
