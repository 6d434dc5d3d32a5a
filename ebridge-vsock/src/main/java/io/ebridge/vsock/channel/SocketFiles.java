package io.ebridge.vsock.channel;

import io.ebridge.vsock.HybridOptions;
import io.ebridge.vsock.VsockAddress;
import io.ebridge.vsock.VsockException;
import io.ebridge.vsock.VsockException.Reason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The socket files of one hybrid transport: where they are, who may use them, and what to do with one that was left behind. */
final class SocketFiles {
    private static final long DYNAMIC_FROM = 1L << 30;
    private static final int DYNAMIC_TRIES = 64;

    private final HybridOptions options;
    private final VsockAddress peer;
    private final boolean control;

    /** The files named after ports, on the host's side. */
    SocketFiles(HybridOptions options, VsockAddress peer) {
        this(options, peer, false);
    }

    private SocketFiles(HybridOptions options, VsockAddress peer, boolean control) {
        this.options = options;
        this.peer = peer;
        this.control = control;
    }

    /** The one file of the VMM's side. */
    static SocketFiles control(HybridOptions options) {
        return new SocketFiles(options, VsockAddress.anyCid(VsockAddress.ANY_PORT), true);
    }

    /** A socket file that was made here. It is deleted only while it is still the same file. */
    record Bound(Path path, VsockAddress address, @Nullable Object key) {
        void delete() throws IOException {
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Objects.equals(key, keyOf(path))) {
                Files.delete(path);
            }
        }
    }

    /** What accepted streams report as their peer. */
    VsockAddress peer() {
        return peer;
    }

    Path forPort(long port) {
        return Path.of(options.path() + "_" + port);
    }

    /** Makes room for a listener on a port. The file does not exist when this returns; a live listener's file is never touched. */
    Bound prepare(VsockAddress address) throws IOException {
        if (control) {
            clear(options.path(), address);
            return new Bound(options.path(), address, null);
        }
        if (address.port() != VsockAddress.ANY_PORT) {
            Path path = forPort(address.port());
            clear(path, address);
            return new Bound(path, address, null);
        }
        for (int i = 0; i < DYNAMIC_TRIES; i++) {
            long port = DYNAMIC_FROM + ThreadLocalRandom.current().nextInt(1 << 30);
            Path path = forPort(port);
            if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
                VsockAddress chosen = new VsockAddress(address.cid(), port);
                clear(path, chosen);
                return new Bound(path, chosen, null);
            }
        }
        throw new VsockException(Reason.PORT_TAKEN, "no free port found", address);
    }

    private void clear(Path path, VsockAddress address) throws IOException {
        Path directory = Objects.requireNonNull(path.getParent());
        makeDirectory(directory);
        if (!options.insecureSharedDirectory() && isOpenToAll(directory)) {
            throw new VsockException(
                    Reason.PERMISSION,
                    "everybody may replace files in " + directory + "; use a directory of mode 0700",
                    address);
        }
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket(path)) {
            throw new VsockException(Reason.PORT_TAKEN, path + " exists and is not a socket", address);
        }
        // A socket file outlives its process. Only a connect can tell a dead one: it is refused.
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            if (Failures.errno(e) == Failures.ECONNREFUSED) {
                Files.deleteIfExists(path);
                return;
            }
            throw new VsockException(Reason.PORT_TAKEN, path + " exists and cannot be probed", address, e);
        }
        throw new VsockException(Reason.PORT_TAKEN, "somebody listens at " + path, address);
    }

    private static void makeDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] mode = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        try {
            Files.createDirectory(directory, mode);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(directory)) {
                throw e;
            }
        }
    }

    private static boolean isOpenToAll(Path directory) throws IOException {
        if (!directory.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return false;
        }
        int mode = (Integer) Files.getAttribute(directory, "unix:mode");
        boolean othersWrite = (mode & 0002) != 0;
        boolean sticky = (mode & 01000) != 0;
        return othersWrite && !sticky;
    }

    private static boolean isSocket(Path path) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return attributes.isOther();
    }

    private static @Nullable Object keyOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Gives the file of a listener its permissions, and notes which file it is. */
    Bound protect(Bound place) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(place.path(), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view != null) {
            // On Linux permissions of a symbolic link cannot be set, and the file was made a moment ago in a directory
            // of our own.
            Files.setPosixFilePermissions(place.path(), options.socketPermissions());
        }
        return new Bound(place.path(), place.address(), keyOf(place.path()));
    }
}
