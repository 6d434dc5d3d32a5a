package io.ebridge.kv.internal;

import io.ebridge.kv.SealedConfig;
import io.ebridge.kv.SealingException;
import io.ebridge.kv.UnsupportedFormatException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Seals and opens configuration blobs; FORMAT.md, "Configuration". */
public final class ConfigCodec {

    private static final byte[] MAGIC = Hkdf.utf8("EBKC");
    private static final byte FORMAT = 1;
    private static final int HEAD = 4 + 1 + 1 + 32;
    private static final int MAX_ENTRIES = 256;
    private static final int MAX_VALUE = 65_536;

    /** What a blob holds. */
    public record Content(long generation, Map<String, byte[]> entries) {}

    private ConfigCodec() {}

    /** Seals under a key of its own, drawn from 32 random bytes, so that the nonce can be zero. */
    public static byte[] seal(byte[] root, String name, Content content, SecureRandom random) {
        byte[] body = encode(content);
        byte[] out = new byte[HEAD + body.length + RecordCodec.TAG];
        byte[] salt = new byte[32];
        random.nextBytes(salt);
        ByteBuffer.wrap(out).put(MAGIC).put(FORMAT).put((byte) 1).put(salt);
        if (out.length > SealedConfig.MAX_BLOB_BYTES) {
            throw new IllegalArgumentException("the configuration is too large");
        }
        try {
            cipher(Cipher.ENCRYPT_MODE, root, name, out).doFinal(body, 0, body.length, out, HEAD);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed", e);
        } finally {
            Secret.wipe(body);
        }
        return out;
    }

    /** Opens or throws. */
    public static Content open(byte[] root, String name, byte[] blob) {
        if (blob.length < HEAD + RecordCodec.TAG || blob.length > SealedConfig.MAX_BLOB_BYTES) {
            throw new SealingException(null, "not a sealed configuration: " + blob.length + " bytes", null);
        }
        ByteBuffer b = ByteBuffer.wrap(blob);
        for (byte m : MAGIC) {
            if (b.get() != m) {
                throw new SealingException(null, "not a sealed configuration", null);
            }
        }
        int format = b.get() & 0xff;
        int suite = b.get() & 0xff;
        if (format > FORMAT || suite > 1) {
            throw new UnsupportedFormatException(
                    null,
                    "the configuration has format " + format + "." + suite + ", newer than this release reads",
                    null);
        }
        if (format != FORMAT || suite != 1) {
            throw new SealingException(null, "not a sealed configuration", null);
        }
        byte[] body;
        try {
            body = cipher(Cipher.DECRYPT_MODE, root, name, blob).doFinal(blob, HEAD, blob.length - HEAD);
        } catch (AEADBadTagException e) {
            throw new SealingException(null, "the configuration does not open under this key and name", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM failed", e);
        }
        try {
            return decode(body);
        } finally {
            Secret.wipe(body);
        }
    }

    private static Cipher cipher(int mode, byte[] root, String name, byte[] blob) throws GeneralSecurityException {
        byte[] salt = java.util.Arrays.copyOfRange(blob, 6, HEAD);
        byte[] key = Hkdf.expand(root, Hkdf.info("ebkc/1", Hkdf.utf8(name), salt), 32);
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, new byte[12]));
        gcm.updateAAD(blob, 0, HEAD);
        Secret.wipe(key);
        return gcm;
    }

    private static byte[] encode(Content content) {
        if (content.entries().size() > MAX_ENTRIES) {
            throw new IllegalArgumentException("a configuration has at most " + MAX_ENTRIES + " entries");
        }
        int size = 10;
        for (Map.Entry<String, byte[]> e : content.entries().entrySet()) {
            int name = Hkdf.utf8(e.getKey()).length;
            if (name < 1 || name > ManifestCodec.MAX_NAME || e.getValue().length > MAX_VALUE) {
                throw new IllegalArgumentException("entry '" + e.getKey() + "' is too long");
            }
            size += 5 + name + e.getValue().length;
        }
        ByteBuffer b = ByteBuffer.allocate(size);
        b.putLong(content.generation()).putShort((short) content.entries().size());
        content.entries().forEach((name, value) -> {
            byte[] utf8 = Hkdf.utf8(name);
            b.put((byte) utf8.length).put(utf8).putInt(value.length).put(value);
        });
        return b.array();
    }

    private static Content decode(byte[] body) {
        try {
            ByteBuffer b = ByteBuffer.wrap(body);
            long generation = b.getLong();
            int n = b.getShort() & 0xffff;
            Map<String, byte[]> entries = new TreeMap<>();
            for (int i = 0; i < n && n <= MAX_ENTRIES; i++) {
                byte[] name = bytes(b, b.get() & 0xff);
                byte[] value = bytes(b, b.getInt());
                entries.put(
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(ByteBuffer.wrap(name))
                                .toString(),
                        value);
            }
            if (entries.size() == n && !b.hasRemaining() && generation >= 1) {
                return new Content(generation, entries);
            }
        } catch (BufferUnderflowException | CharacterCodingException e) {
            throw new SealingException(null, "the configuration is malformed", e);
        }
        throw new SealingException(null, "the configuration is malformed", null);
    }

    private static byte[] bytes(ByteBuffer b, int length) {
        if (length < 0 || length > b.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] out = new byte[length];
        b.get(out);
        return out;
    }
}
