package io.ebridge.attest.json;

/** ASCII hexadecimal digits only; {@link Character#digit} knows many more. */
final class HexDigits {
    private HexDigits() {}

    static int value(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'a' && c <= 'f') {
            return c - 'a' + 10;
        }
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }
}
