package io.ebridge.protocol;

/** Turns bytes that should be UTF-8 into text without anything that acts. */
final class LogText {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private LogText() {}

    /** The length that a sequence's first byte announces; 0 if no sequence begins with it. */
    static int sequenceLength(int lead) {
        if (lead < 0x80) {
            return 1;
        } else if (lead >= 0xC2 && lead <= 0xDF) {
            return 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            return 3;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            return 4;
        }
        return 0;
    }

    static String escape(byte[] bytes, int end) {
        StringBuilder out = new StringBuilder(end + 16);
        int at = 0;
        while (at < end) {
            int lead = bytes[at] & 0xFF;
            int length = sequenceLength(lead);
            int codePoint = length == 0 || at + length > end ? -1 : decode(bytes, at, lead, length);
            if (codePoint < 0) {
                hex(out.append("\\x"), lead, 2);
                at++;
                continue;
            }
            at += length;
            if (codePoint == '\t' || !Text.mustEscape(codePoint)) {
                out.appendCodePoint(codePoint);
            } else if (codePoint < 0x100) {
                hex(out.append("\\x"), codePoint, 2);
            } else if (codePoint < 0x10000) {
                hex(out.append("\\u"), codePoint, 4);
            } else {
                hex(out.append("\\U"), codePoint, 6);
            }
        }
        return out.toString();
    }

    /** Returns the character, or -1 if the sequence is broken, overlong, a surrogate or beyond Unicode. */
    private static int decode(byte[] bytes, int at, int lead, int length) {
        if (length == 1) {
            return lead;
        }
        int codePoint = lead & (0xFF >> (length + 1));
        for (int i = 1; i < length; i++) {
            int next = bytes[at + i] & 0xFF;
            if ((next & 0xC0) != 0x80) {
                return -1;
            }
            codePoint = (codePoint << 6) | (next & 0x3F);
        }
        boolean overlong = (length == 3 && codePoint < 0x800) || (length == 4 && codePoint < 0x10000);
        boolean outside = (codePoint >= 0xD800 && codePoint <= 0xDFFF) || codePoint > 0x10FFFF;
        return overlong || outside ? -1 : codePoint;
    }

    private static void hex(StringBuilder out, int value, int digits) {
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            out.append(HEX[value >> shift & 0xF]);
        }
    }
}
