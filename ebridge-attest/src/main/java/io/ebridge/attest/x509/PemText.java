package io.ebridge.attest.x509;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Finds PEM blocks of one label (RFC 7468). Text between blocks is passed over, other labels too. */
final class PemText {

    private PemText() {}

    /** The contents of the blocks; none if one of them is damaged or there are too many. */
    static List<byte[]> blocks(String text, String label, int max) {
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        List<byte[]> found = new ArrayList<>();
        int at = text.indexOf(begin);
        while (at >= 0) {
            int from = at + begin.length();
            int to = text.indexOf(end, from);
            if (to < 0 || found.size() == max) {
                return List.of();
            }
            try {
                found.add(Base64.getDecoder().decode(strip(text, from, to)));
            } catch (IllegalArgumentException e) {
                return List.of();
            }
            at = text.indexOf(begin, to + end.length());
        }
        return found;
    }

    private static byte[] strip(String text, int from, int to) {
        byte[] digits = new byte[to - from];
        int length = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != '\n' && c != '\r' && c != ' ' && c != '\t') {
                // What is no Latin letter becomes what is no digit either.
                digits[length++] = c < 0x80 ? (byte) c : 0;
            }
        }
        return Arrays.copyOf(digits, length);
    }
}
