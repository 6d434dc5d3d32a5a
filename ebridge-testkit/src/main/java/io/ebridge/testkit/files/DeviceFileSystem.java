package io.ebridge.testkit.files;

import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/**
 * A file system with nothing in it but one device's directory, at the place where the real one is. It holds no resources and is always open.
 */
public final class DeviceFileSystem extends FileSystem {
    private final DeviceFileSystemProvider provider;
    private final DevicePath mount;

    private DeviceFileSystem(DeviceTree tree, String place) {
        this.mount = DevicePath.parse(this, place);
        this.provider = new DeviceFileSystemProvider(this, tree, mount);
    }

    /**
     * Puts a device's directory where the real one is.
     *
     * @param tree what the directory holds
     * @param place the absolute path of the directory
     * @return the directory
     */
    public static Path mount(DeviceTree tree, String place) {
        return new DeviceFileSystem(tree, place).mount;
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    /** Not possible, as with the default file system: nothing is held. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("a fake device's file system is always open");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(DevicePath.parse(this, "/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic");
    }

    @Override
    public Path getPath(String first, String... more) {
        return DevicePath.parse(this, more.length == 0 ? first : first + "/" + String.join("/", more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        throw new UnsupportedOperationException("a fake device's files are not matched by pattern");
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException("a fake device's files have no owners");
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("a fake device's files are not watched");
    }
}
