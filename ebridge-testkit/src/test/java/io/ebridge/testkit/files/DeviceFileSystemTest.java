package io.ebridge.testkit.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths are what Unix's are, and every call on a file reaches the device. */
class DeviceFileSystemTest {

    /** A counter that counts its openings, and a log that keeps what is written. */
    private static final class Device implements DeviceTree {
        final AtomicInteger openings = new AtomicInteger();
        final List<String> log = new ArrayList<>();

        @Override
        public @Nullable Node node(String name) {
            return switch (name) {
                case "" -> Node.directory(false);
                case "counter" -> Node.file(true, false, 0);
                case "log" -> Node.file(false, true, 0);
                default -> null;
            };
        }

        @Override
        public List<String> list(String directory) {
            return List.of("counter", "log");
        }

        @Override
        public Opened open(String name) {
            String content = Integer.toString(openings.incrementAndGet());
            return new Opened() {
                @Override
                public byte[] content() {
                    return content.getBytes(StandardCharsets.US_ASCII);
                }

                @Override
                public void write(byte[] bytes) {
                    log.add(new String(bytes, StandardCharsets.US_ASCII));
                }

                @Override
                public void close() {
                    log.add("closed");
                }
            };
        }

        @Override
        public void createDirectory(String name) throws IOException {
            throw new AccessDeniedException(name);
        }

        @Override
        public void remove(String name) throws IOException {
            throw new AccessDeniedException(name);
        }
    }

    private final Device device = new Device();
    private final Path root = DeviceFileSystem.mount(device, "/dev/device");
    private final FileSystem files = root.getFileSystem();

    /** The same questions to this file system and to the one of the machine, which is a Unix one or not asked. */
    @ParameterizedTest
    @CsvSource({"/a/b, c/d", "a/b, c", "/, x", "'', x", "x, ''", "/a/../b, ./c", "a/.., ..", "/a, /b", "//a//b/, c//"})
    void pathsAreAsOnUnix(String first, String second) {
        if (!Path.of("/").getFileSystem().getSeparator().equals("/")) {
            return;
        }
        Path a = files.getPath(first);
        Path b = files.getPath(second);
        Path x = Path.of(first);
        Path y = Path.of(second);
        assertThat(facts(a, b)).isEqualTo(facts(x, y));
    }

    private static List<String> facts(Path a, Path b) {
        List<String> facts = new ArrayList<>(List.of(
                a.toString(),
                a.normalize().toString(),
                a.resolve(b).toString(),
                a.resolveSibling(b).toString(),
                String.valueOf(a.getParent()),
                String.valueOf(a.getFileName()),
                String.valueOf(a.getRoot()),
                String.valueOf(a.getNameCount()),
                String.valueOf(a.isAbsolute()),
                String.valueOf(a.startsWith(b)),
                String.valueOf(a.endsWith(b)),
                String.valueOf(a.resolve(b).endsWith(b)),
                String.valueOf(a.equals(b)),
                String.valueOf(Integer.signum(a.compareTo(b)))));
        if (a.isAbsolute() == b.isAbsolute() && !a.toString().contains("..")) {
            facts.add(a.relativize(b).toString());
        }
        a.forEach(name -> facts.add(name.toString()));
        return facts;
    }

    @Test
    void everyOpeningIsANewOne() throws Exception {
        assertThat(Files.readString(root.resolve("counter"))).isEqualTo("1");
        assertThat(Files.readString(root.resolve("../device/./counter"))).isEqualTo("2");
        assertThat(device.log).containsExactly("closed", "closed");
        Files.writeString(root.resolve("log"), "hello", StandardOpenOption.APPEND);
        assertThat(device.log).containsExactly("closed", "closed", "hello", "closed");
    }

    @Test
    void nothingElseIsThere() throws Exception {
        assertThat(root.resolve("nothing")).doesNotExist();
        assertThat(root.resolve("counter/below")).doesNotExist();
        assertThat(files.getPath("/dev/other")).doesNotExist();
        assertThat(files.getPath("/dev")).isDirectory();
        assertThat(Files.isWritable(files.getPath("/dev"))).isFalse();
        try (Stream<Path> all = Files.walk(files.getPath("/"))) {
            assertThat(all.map(Path::toString))
                    .containsExactly("/", "/dev", "/dev/device", "/dev/device/counter", "/dev/device/log");
        }
        assertThatThrownBy(() -> Files.readString(root.resolve("nothing"))).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> Files.writeString(root.resolve("nothing"), "x"))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.createDirectory(root.resolve("d"))).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.createDirectory(files.getPath("/dev/d")))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.delete(root)).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.delete(files.getPath("/dev"))).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.list(root.resolve("counter"))).isInstanceOf(NotDirectoryException.class);
        assertThatThrownBy(() -> Files.readString(root)).hasMessageContaining("Is a directory");
        assertThatThrownBy(() -> Files.copy(root.resolve("counter"), root.resolve("copy")))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Files.move(root.resolve("counter"), root.resolve("moved")))
                .isInstanceOf(IOException.class);
    }

    @Test
    void attributesAndAccessAreTheNodes() throws Exception {
        Path counter = root.resolve("counter");
        assertThat(Files.isReadable(counter)).isTrue();
        assertThat(Files.isWritable(counter)).isFalse();
        assertThat(Files.isExecutable(counter)).isFalse();
        assertThat(Files.isRegularFile(counter, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(Files.readAttributes(counter, "size,isDirectory"))
                .containsEntry("size", 0L)
                .hasSize(2);
        assertThat(Files.readAttributes(root, "*")).containsEntry("isDirectory", true);
        assertThat(counter.toRealPath()).isEqualTo(counter);
        assertThat(Files.isSameFile(counter, root.resolve("./counter"))).isTrue();
        assertThat(Files.isSameFile(counter, Path.of("counter"))).isFalse();
        assertThat(counter.toUri()).hasToString("ebridge-fake-device:/dev/device/counter");
    }

    @Test
    void channelsKeepToTheirMode() throws Exception {
        try (var in = Files.newByteChannel(root.resolve("counter"))) {
            assertThatThrownBy(() -> in.write(ByteBuffer.allocate(1))).isInstanceOf(NonWritableChannelException.class);
            assertThat(in.position(1).read(ByteBuffer.allocate(8))).isEqualTo(-1);
            assertThat(in.position(0).read(ByteBuffer.allocate(8))).isEqualTo(1);
            in.close();
            assertThatThrownBy(() -> in.read(ByteBuffer.allocate(8))).isInstanceOf(ClosedChannelException.class);
        }
        try (var out = Files.newByteChannel(root.resolve("log"), StandardOpenOption.WRITE)) {
            assertThatThrownBy(() -> out.read(ByteBuffer.allocate(1))).isInstanceOf(NonReadableChannelException.class);
        }
        assertThat(device.log).as("each closed once").containsExactly("closed", "closed");
    }

    @Test
    void pathsOfOtherFileSystemsAreRefused() {
        assertThatThrownBy(() -> root.resolve(Path.of("x"))).isInstanceOf(ProviderMismatchException.class);
        Path other = DeviceFileSystem.mount(new Device(), "/dev/device");
        assertThat(other).isNotEqualTo(root);
        assertThat(other.startsWith(root)).isFalse();
    }
}
