package io.ebridge.kv.internal;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One frame of the store protocol; FORMAT.md, "Store protocol". Decoders are strict: what is not exactly right is an
 * {@link IOException}, and no length is believed before it has been compared with what is there.
 */
public record Frame(byte type, long id, byte[] body) {

    public static final int MAGIC = 0x45424B52;
    public static final int VERSION = 1;
    public static final int HEAD = 9;

    /** The longest frame: a full batch with the bookkeeping of each write. */
    public static final int MAX_BODY = 96 << 20;

    public static final byte HELLO = 1;
    public static final byte GET = 2;
    public static final byte GET_ALL = 3;
    public static final byte WRITE = 4;
    public static final byte SCAN = 5;
    public static final byte WELCOME = 0x41;
    public static final byte VALUE = 0x42;
    public static final byte VALUES = 0x43;
    public static final byte WRITTEN = 0x44;
    public static final byte PAGE = 0x45;
    public static final byte ERROR = 0x7f;

    /** How much of an answer to {@link #GET_ALL} one frame carries; the rest is asked for again. */
    public static final int ANSWER_BYTES = 8 << 20;

    /** Reads one frame; null at the end of the stream between two frames. */
    public static @Nullable Frame read(InputStream in) throws IOException {
        byte[] head = in.readNBytes(4 + HEAD);
        if (head.length == 0) {
            return null;
        }
        if (head.length < 4 + HEAD) {
            throw new EOFException("the stream ended inside a frame");
        }
        ByteBuffer b = ByteBuffer.wrap(head);
        int length = b.getInt() - HEAD;
        if (length < 0 || length > MAX_BODY) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte type = b.get();
        long id = b.getLong();
        // Grows with what arrives, not with what was announced.
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("the stream ended inside a frame");
        }
        return new Frame(type, id, body);
    }

    public void write(OutputStream out) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(4 + HEAD);
        head.putInt(body.length + HEAD).put(type).putLong(id);
        out.write(head.array());
        out.write(body);
    }

    // ---- bodies

    /** HELLO. */
    public record Hello(byte[] clientId, String store) {
        public byte[] encode() {
            byte[] name = Hkdf.utf8(store);
            return ByteBuffer.allocate(23 + name.length)
                    .putInt(MAGIC)
                    .putShort((short) VERSION)
                    .put(clientId)
                    .put((byte) name.length)
                    .put(name)
                    .array();
        }

        public static Hello decode(byte[] body) throws IOException {
            return strict(body, b -> {
                byte[] client = new byte[16];
                if (b.getInt() != MAGIC || b.getShort() != VERSION) {
                    throw new IOException("another protocol or version");
                }
                b.get(client);
                byte[] name = take(b, b.get() & 0xff);
                return new Hello(client, new String(name, StandardCharsets.UTF_8));
            });
        }
    }

    /** WELCOME. */
    public static byte[] welcome(boolean durable) {
        return ByteBuffer.allocate(3)
                .putShort((short) VERSION)
                .put((byte) (durable ? 1 : 0))
                .array();
    }

    public static boolean decodeWelcome(byte[] body) throws IOException {
        return strict(body, b -> {
            if (b.getShort() != VERSION) {
                throw new IOException("another version");
            }
            return flag(b);
        });
    }

    /** GET_ALL. */
    public static byte[] keys(List<byte[]> keys) {
        int size = 4;
        for (byte[] key : keys) {
            size += 1 + key.length;
        }
        ByteBuffer b = ByteBuffer.allocate(size).putInt(keys.size());
        keys.forEach(key -> b.put((byte) key.length).put(key));
        return b.array();
    }

    public static List<byte[]> decodeKeys(byte[] body) throws IOException {
        return strict(body, b -> {
            int n = count(b, HostStore.MAX_ENTRIES, 2);
            List<byte[]> keys = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                keys.add(key(b));
            }
            return keys;
        });
    }

    /** VALUE and VALUES: a count, then for each a flag and, if it is there, a value. */
    public static byte[] values(List<byte @Nullable []> values) {
        int size = 4;
        for (byte[] value : values) {
            size += value == null ? 1 : 5 + value.length;
        }
        ByteBuffer b = ByteBuffer.allocate(size).putInt(values.size());
        for (byte[] value : values) {
            if (value == null) {
                b.put((byte) 0);
            } else {
                b.put((byte) 1).putInt(value.length).put(value);
            }
        }
        return b.array();
    }

    public static List<byte @Nullable []> decodeValues(byte[] body, int most) throws IOException {
        return strict(body, b -> {
            int n = count(b, most, 1);
            List<byte @Nullable []> values = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                values.add(flag(b) ? value(b) : null);
            }
            return values;
        });
    }

    /** WRITE. */
    public record Write(long operation, boolean sync, HostBatch batch) {
        public byte[] encode() {
            long size = 13;
            for (HostBatch.Operation op : batch.operations()) {
                size += 2 + op.key().length + (op.buffer() == null ? 0 : 4 + op.length());
            }
            if (size > MAX_BODY) {
                throw new IllegalArgumentException("a batch of " + size + " bytes");
            }
            ByteBuffer b = ByteBuffer.allocate((int) size);
            b.putLong(operation).put((byte) (sync ? 1 : 0)).putInt(batch.size());
            for (HostBatch.Operation op : batch.operations()) {
                byte[] buffer = op.buffer();
                b.put((byte) (buffer == null ? 0 : 1))
                        .put((byte) op.key().length)
                        .put(op.key());
                if (buffer != null) {
                    b.putInt(op.length()).put(buffer, op.offset(), op.length());
                }
            }
            return b.array();
        }

        public static Write decode(byte[] body) throws IOException {
            return strict(body, b -> {
                long operation = b.getLong();
                boolean sync = flag(b);
                int n = count(b, HostBatch.MAX_OPERATIONS, 3);
                HostBatch batch = new HostBatch();
                for (int i = 0; i < n; i++) {
                    boolean put = flag(b);
                    byte[] key = key(b);
                    if (put) {
                        batch.put(key, value(b));
                    } else {
                        batch.delete(key);
                    }
                }
                return new Write(operation, sync, batch);
            });
        }
    }

    /** SCAN. */
    public record Scan(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes) {
        public byte[] encode() {
            int size = 10 + prefix.length + (after == null ? 0 : 1 + after.length);
            ByteBuffer b = ByteBuffer.allocate(size);
            b.put((byte) prefix.length).put(prefix).put((byte) (after == null ? 0 : 1));
            if (after != null) {
                b.put((byte) after.length).put(after);
            }
            return b.putInt(maxEntries).putInt(maxValueBytes).array();
        }

        public static Scan decode(byte[] body) throws IOException {
            return strict(body, b -> {
                int length = b.get() & 0xff;
                if (length > HostStore.MAX_KEY_BYTES) {
                    throw new IOException("a prefix of " + length + " bytes");
                }
                byte[] prefix = take(b, length);
                byte[] after = flag(b) ? key(b) : null;
                int entries = b.getInt();
                int bytes = b.getInt();
                if (entries < 1 || entries > HostStore.MAX_ENTRIES || bytes < 0) {
                    throw new IOException("a page of " + entries + " entries");
                }
                return new Scan(prefix, after, entries, bytes);
            });
        }
    }

    /** PAGE. */
    public static byte[] page(List<HostEntry> entries) {
        int size = 4;
        for (HostEntry e : entries) {
            size = Math.addExact(size, 5 + e.key().length + e.value().length);
        }
        ByteBuffer b = ByteBuffer.allocate(size).putInt(entries.size());
        for (HostEntry e : entries) {
            b.put((byte) e.key().length).put(e.key()).putInt(e.value().length).put(e.value());
        }
        return b.array();
    }

    public static List<HostEntry> decodePage(byte[] body, int most) throws IOException {
        return strict(body, b -> {
            int n = count(b, most, 6);
            List<HostEntry> entries = new ArrayList<>(n);
            for (int i = 0; i < n; i++) {
                entries.add(new HostEntry(key(b), value(b)));
            }
            return entries;
        });
    }

    // ---- parts

    @FunctionalInterface
    private interface Decoder<T> {
        T from(ByteBuffer b) throws IOException;
    }

    private static <T> T strict(byte[] body, Decoder<T> decoder) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(body);
        T result;
        try {
            result = decoder.from(b);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("a malformed frame", e);
        }
        if (b.hasRemaining()) {
            throw new IOException("a malformed frame");
        }
        return result;
    }

    private static int count(ByteBuffer b, int most, int least) throws IOException {
        int n = b.getInt();
        if (n < 0 || n > most || n > b.remaining() / least) {
            throw new IOException("a count of " + n);
        }
        return n;
    }

    private static boolean flag(ByteBuffer b) throws IOException {
        byte flag = b.get();
        if (flag != 0 && flag != 1) {
            throw new IOException("a flag of " + flag);
        }
        return flag == 1;
    }

    private static byte[] key(ByteBuffer b) throws IOException {
        int length = b.get() & 0xff;
        if (length < 1 || length > HostStore.MAX_KEY_BYTES) {
            throw new IOException("a key of " + length + " bytes");
        }
        return take(b, length);
    }

    private static byte[] value(ByteBuffer b) throws IOException {
        int length = b.getInt();
        if (length < 0 || length > HostStore.MAX_VALUE_BYTES) {
            throw new IOException("a value of " + length + " bytes");
        }
        return take(b, length);
    }

    private static byte[] take(ByteBuffer b, int length) {
        if (length > b.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] out = new byte[length];
        b.get(out);
        return out;
    }
}
