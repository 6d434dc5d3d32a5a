package io.ebridge.ratls.strict;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.ratls.AttestedTlsException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/** PROTOCOL.md, section 3: what one side wants to see of the other. */
public record Challenge(
        Role from,
        Bytes nonce,
        Bytes policyHash,
        boolean collateralWelcome,
        Set<EvidenceFormat> formats,
        String service) {

    public static final int VERSION = 1;
    public static final int MAX_SERVICE_BYTES = 253;

    public Challenge {
        if (nonce.length() != 32 || policyHash.length() != 32) {
            throw new IllegalArgumentException("nonce and policy hash have 32 bytes");
        }
        if (formats.isEmpty()) {
            throw new IllegalArgumentException("no format wanted");
        }
        formats = Set.copyOf(formats);
        requireService(service);
    }

    static void requireService(String service) {
        int length = service.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_SERVICE_BYTES) {
            throw new IllegalArgumentException("a service's name has 1 to " + MAX_SERVICE_BYTES + " bytes");
        }
    }

    /** Whether two names are of one service: without regard to case, as in the DNS, but of ASCII letters only. */
    public static boolean sameService(String one, String other) {
        int length = one.length();
        if (length != other.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (lower(one.charAt(i)) != lower(other.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + 'a' - 'A') : c;
    }

    public byte[] encode() {
        byte[] name = service.getBytes(StandardCharsets.UTF_8);
        WireWriter out = new WireWriter()
                .u8(VERSION)
                .u8(from.code())
                .bytes(nonce.toByteArray())
                .bytes(policyHash.toByteArray())
                .u8(collateralWelcome ? 1 : 0)
                .u8(formats.size());
        EnumSet.copyOf(formats).forEach(format -> out.u8(Formats.code(format)));
        return out.u8(name.length).bytes(name).toByteArray();
    }

    public static Challenge decode(byte[] payload) throws AttestedTlsException {
        WireReader in = new WireReader(payload);
        version(in);
        Role from = role(in);
        Bytes nonce = Bytes.of(in.bytes(32));
        Bytes policyHash = Bytes.of(in.bytes(32));
        int flags = in.u8();
        if (flags > 1) {
            throw in.malformed("unknown flags in a challenge");
        }
        int count = in.u8();
        Set<EvidenceFormat> formats = EnumSet.noneOf(EvidenceFormat.class);
        int last = 0;
        for (int i = 0; i < count; i++) {
            int code = in.u8();
            EvidenceFormat format = Formats.format(code);
            if (format == null || code <= last) {
                throw in.malformed("formats unknown, twice or out of order");
            }
            last = code;
            formats.add(format);
        }
        if (formats.isEmpty()) {
            throw in.malformed("a challenge that wants no format");
        }
        String service = service(in);
        in.end();
        return new Challenge(from, nonce, policyHash, flags == 1, formats, service);
    }

    static void version(WireReader in) throws AttestedTlsException {
        int version = in.u8();
        if (version != VERSION) {
            throw in.malformed("version " + version);
        }
    }

    static Role role(WireReader in) throws AttestedTlsException {
        int code = in.u8();
        if (code == Role.CLIENT.code()) {
            return Role.CLIENT;
        }
        if (code == Role.SERVER.code()) {
            return Role.SERVER;
        }
        throw in.malformed("role " + code);
    }

    static String service(WireReader in) throws AttestedTlsException {
        int length = in.u8();
        if (length < 1 || length > MAX_SERVICE_BYTES) {
            throw in.malformed("a service's name of " + length + " bytes");
        }
        byte[] utf8 = in.bytes(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw in.malformed("a service's name that is not UTF-8");
        }
    }
}
