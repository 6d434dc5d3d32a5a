package io.ebridge.attest.provider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * The pseudo-files that a kernel or library OS puts under one directory. Names are relative to it; the directory itself is the empty name.
 *
 * <p>Such files are not ordinary ones: what is written in one call is one request, a read starts at the beginning after every opening and goes to the
 * end whatever size is reported, and none is ever created or cut by opening it.
 */
final class DeviceFiles {

    private final Path root;

    DeviceFiles(Path root) {
        this.root = Objects.requireNonNull(root, "root");
    }

    private Path path(String name) {
        return name.isEmpty() ? root : root.resolve(name);
    }

    boolean exists(String name) {
        return Files.exists(path(name));
    }

    boolean writable(String name) {
        return Files.isWritable(path(name));
    }

    void createDirectory(String name) throws IOException {
        Files.createDirectory(path(name));
    }

    /** Removes a directory together with what the kernel put there; nothing inside is removed one by one. */
    void removeDirectory(String name) throws IOException {
        Files.delete(path(name));
    }

    /** Opens an existing file, writes all bytes in one call and closes it. */
    void write(String name, byte[] content) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(path(name), StandardOpenOption.WRITE)) {
            int written = channel.write(ByteBuffer.wrap(content));
            if (written != content.length) {
                throw new IOException(name + " took " + written + " of " + content.length + " bytes");
            }
        }
    }

    /** Opens a file afresh and reads it to its end, which must come within the limit. */
    byte[] read(String name, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(path(name))) {
            byte[] content = in.readNBytes(limit);
            if (in.read() >= 0) {
                throw new IOException(name + " has more than " + limit + " bytes");
            }
            return content;
        }
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
