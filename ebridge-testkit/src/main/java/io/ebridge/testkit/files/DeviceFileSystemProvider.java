package io.ebridge.testkit.files;

import io.ebridge.testkit.files.DeviceTree.Node;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls of {@code java.nio.file.Files} on one device's directory. Registered nowhere, so no URI leads here. */
final class DeviceFileSystemProvider extends FileSystemProvider {
    static final String SCHEME = "ebridge-fake-device";

    private final DeviceFileSystem files;
    private final DeviceTree tree;
    private final DevicePath mount;

    DeviceFileSystemProvider(DeviceFileSystem files, DeviceTree tree, DevicePath mount) {
        this.files = files;
        this.tree = tree;
        this.mount = mount;
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException("a fake device makes its own file system");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return files;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException("a fake device's files have no URI that leads to them");
    }

    private static DevicePath real(Path path) {
        return DevicePath.of(path.toAbsolutePath().normalize());
    }

    /** The name in the tree, or null above and beside the mount. */
    private @Nullable String name(Path path) {
        return real(path).below(mount);
    }

    private @Nullable Node lookup(Path path) {
        String name = name(path);
        if (name != null) {
            return tree.node(name);
        }
        return mount.startsWith(real(path)) ? Node.directory(false) : null;
    }

    private Node existing(Path path) throws NoSuchFileException {
        Node node = lookup(path);
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        return node;
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        boolean write = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        boolean read = options.contains(StandardOpenOption.READ) || !write;
        Node node = lookup(path);
        if (node == null
                && (options.contains(StandardOpenOption.CREATE) || options.contains(StandardOpenOption.CREATE_NEW))) {
            // No pseudo-file comes into being by being opened.
            throw new AccessDeniedException(path.toString());
        }
        node = existing(path);
        if (options.contains(StandardOpenOption.CREATE_NEW)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        String name = name(path);
        if (node.directory() || name == null) {
            throw new FileSystemException(path.toString(), null, "Is a directory");
        }
        if ((read && !node.readable()) || (write && !node.writable())) {
            throw new AccessDeniedException(path.toString());
        }
        return new DeviceChannel(tree.open(name), read, write, node.size());
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        if (!existing(directory).directory()) {
            throw new NotDirectoryException(directory.toString());
        }
        String name = name(directory);
        List<String> names = name != null
                ? tree.list(name)
                : List.of(mount.getName(real(directory).getNameCount()).toString());
        List<Path> found = new ArrayList<>();
        for (String entry : names) {
            Path path = directory.resolve(entry);
            if (filter.accept(path)) {
                found.add(path);
            }
        }
        return new DirectoryStream<>() {
            private boolean used;

            @Override
            public Iterator<Path> iterator() {
                if (used) {
                    throw new IllegalStateException("a directory stream is walked once");
                }
                used = true;
                return List.copyOf(found).iterator();
            }

            @Override
            public void close() {
                used = true;
            }
        };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        if (lookup(directory) != null) {
            throw new FileAlreadyExistsException(directory.toString());
        }
        String name = name(directory);
        Path parent = real(directory).getParent();
        if (name == null || parent == null || !existing(parent).writable()) {
            throw new AccessDeniedException(directory.toString());
        }
        tree.createDirectory(name);
    }

    @Override
    public void delete(Path path) throws IOException {
        existing(path);
        String name = name(path);
        if (name == null || name.isEmpty()) {
            throw new AccessDeniedException(path.toString());
        }
        tree.remove(name);
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        throw new AccessDeniedException(target.toString(), null, "pseudo-files are not made by copying");
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        throw new AccessDeniedException(source.toString(), null, "pseudo-files are not moved");
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
        if (path.equals(other)) {
            return true;
        }
        if (!(other instanceof DevicePath)) {
            return false;
        }
        existing(path);
        existing(other);
        return real(path).equals(real(other));
    }

    @Override
    public boolean isHidden(Path path) {
        return false;
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException("a fake device's files are stored nowhere");
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        Node node = existing(path);
        for (AccessMode mode : modes) {
            boolean allowed =
                    switch (mode) {
                        case READ -> node.readable();
                        case WRITE -> node.writable();
                        case EXECUTE -> node.directory();
                    };
            if (!allowed) {
                throw new AccessDeniedException(path.toString());
            }
        }
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        if (type != BasicFileAttributeView.class) {
            return null;
        }
        return type.cast(new BasicFileAttributeView() {
            @Override
            public String name() {
                return "basic";
            }

            @Override
            public BasicFileAttributes readAttributes() throws IOException {
                return attributes(path);
            }

            @Override
            public void setTimes(FileTime modified, FileTime accessed, FileTime created) {
                throw new UnsupportedOperationException("pseudo-files have no times to set");
            }
        });
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        if (type != BasicFileAttributes.class) {
            throw new UnsupportedOperationException("no " + type.getSimpleName() + " of a fake device's files");
        }
        return type.cast(attributes(path));
    }

    private BasicFileAttributes attributes(Path path) throws IOException {
        return new Attributes(existing(path));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String names, LinkOption... options) throws IOException {
        BasicFileAttributes all = attributes(path);
        Map<String, Object> known = Map.of(
                "isDirectory", all.isDirectory(),
                "isRegularFile", all.isRegularFile(),
                "isSymbolicLink", false,
                "isOther", false,
                "size", all.size(),
                "lastModifiedTime", all.lastModifiedTime(),
                "lastAccessTime", all.lastAccessTime(),
                "creationTime", all.creationTime());
        String wanted = names.startsWith("basic:") ? names.substring("basic:".length()) : names;
        if (wanted.equals("*")) {
            return known;
        }
        Map<String, Object> found = new java.util.HashMap<>(known);
        found.keySet().retainAll(List.of(wanted.split(",")));
        return found;
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
        throw new UnsupportedOperationException("pseudo-files have no attributes to set");
    }

    private record Attributes(Node node) implements BasicFileAttributes {
        private static final FileTime NEVER = FileTime.fromMillis(0);

        @Override
        public FileTime lastModifiedTime() {
            return NEVER;
        }

        @Override
        public FileTime lastAccessTime() {
            return NEVER;
        }

        @Override
        public FileTime creationTime() {
            return NEVER;
        }

        @Override
        public boolean isRegularFile() {
            return !node.directory();
        }

        @Override
        public boolean isDirectory() {
            return node.directory();
        }

        @Override
        public boolean isSymbolicLink() {
            return false;
        }

        @Override
        public boolean isOther() {
            return false;
        }

        @Override
        public long size() {
            return node.size();
        }

        @Override
        public @Nullable Object fileKey() {
            return null;
        }
    }
}
