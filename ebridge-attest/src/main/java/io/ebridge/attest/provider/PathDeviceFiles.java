package io.ebridge.attest.provider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** Pseudo-files through java.nio.file. */
final class PathDeviceFiles implements DeviceFiles {

    private final Path root;

    PathDeviceFiles(Path root) {
        this.root = Objects.requireNonNull(root, "root");
    }

    private Path path(String name) {
        return name.isEmpty() ? root : root.resolve(name);
    }

    @Override
    public boolean exists(String name) {
        return Files.exists(path(name));
    }

    @Override
    public boolean writable(String name) {
        return Files.isWritable(path(name));
    }

    @Override
    public void createDirectory(String name) throws IOException {
        Files.createDirectory(path(name));
    }

    @Override
    public void removeDirectory(String name) throws IOException {
        Files.delete(path(name));
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(path(name), StandardOpenOption.WRITE)) {
            int written = channel.write(ByteBuffer.wrap(content));
            if (written != content.length) {
                throw new IOException(name + " took " + written + " of " + content.length + " bytes");
            }
        }
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
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
