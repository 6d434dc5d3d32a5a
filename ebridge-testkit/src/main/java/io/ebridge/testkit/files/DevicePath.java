package io.ebridge.testkit.files;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A path as Unix has it: names between slashes, absolute or not. The working directory is the root. */
final class DevicePath implements Path {
    private final DeviceFileSystem files;
    private final boolean absolute;
    private final List<String> names;

    private DevicePath(DeviceFileSystem files, boolean absolute, List<String> names) {
        this.files = files;
        this.absolute = absolute;
        this.names = List.copyOf(names);
    }

    static DevicePath parse(DeviceFileSystem files, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(text, "a path has no NUL");
        }
        boolean absolute = text.startsWith("/");
        List<String> names = new ArrayList<>(Arrays.asList(text.split("/")));
        names.removeIf(String::isEmpty);
        // The empty path is the one with a single, empty name.
        return new DevicePath(files, absolute, names.isEmpty() && !absolute ? List.of("") : names);
    }

    /** A path of this kind of file system. */
    static DevicePath of(Path path) {
        if (Objects.requireNonNull(path, "path") instanceof DevicePath p) {
            return p;
        }
        throw new ProviderMismatchException(path + " belongs to another file system");
    }

    private DevicePath with(boolean isAbsolute, List<String> others) {
        return new DevicePath(files, isAbsolute, others);
    }

    /** The names below another absolute path, with slashes between, or null if this does not lie there. */
    @Nullable String below(DevicePath directory) {
        return startsWith(directory) ? String.join("/", names.subList(directory.names.size(), names.size())) : null;
    }

    private boolean isEmpty() {
        return !absolute && names.equals(List.of(""));
    }

    @Override
    public FileSystem getFileSystem() {
        return files;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable Path getRoot() {
        return absolute ? with(true, List.of()) : null;
    }

    @Override
    public @Nullable Path getFileName() {
        return names.isEmpty() ? null : getName(names.size() - 1);
    }

    @Override
    public @Nullable Path getParent() {
        if (names.isEmpty() || (names.size() == 1 && !absolute)) {
            return null;
        }
        return with(absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public Path getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public Path subpath(int begin, int end) {
        if (begin < 0 || end > names.size() || begin >= end) {
            throw new IllegalArgumentException("names " + begin + " to " + end + " of " + names.size());
        }
        return with(false, names.subList(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof DevicePath p
                && p.files == files
                && p.absolute == absolute
                && p.names.size() <= names.size()
                && names.subList(0, p.names.size()).equals(p.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof DevicePath p) || p.files != files) {
            return false;
        }
        int from = names.size() - p.names.size();
        return p.absolute
                ? equals(p)
                : from >= 0 && names.subList(from, names.size()).equals(p.names);
    }

    @Override
    public Path normalize() {
        List<String> out = new ArrayList<>();
        for (String name : names) {
            boolean up = name.equals("..");
            if (up && !out.isEmpty() && !out.get(out.size() - 1).equals("..")) {
                out.remove(out.size() - 1);
            } else if (!name.equals(".") && !(up && absolute)) {
                out.add(name);
            }
        }
        return with(absolute, out.isEmpty() && !absolute ? List.of("") : out);
    }

    @Override
    public Path resolve(Path other) {
        DevicePath p = of(other);
        if (p.absolute || isEmpty()) {
            return p;
        }
        if (p.isEmpty()) {
            return this;
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(p.names);
        return with(absolute, all);
    }

    @Override
    public Path relativize(Path other) {
        DevicePath p = of(other);
        if (p.absolute != absolute) {
            throw new IllegalArgumentException("one of " + this + " and " + p + " is absolute");
        }
        List<String> own = isEmpty() ? List.of() : names;
        List<String> others = p.isEmpty() ? List.of() : p.names;
        int common = 0;
        while (common < Math.min(own.size(), others.size()) && own.get(common).equals(others.get(common))) {
            common++;
        }
        List<String> out = new ArrayList<>();
        own.subList(common, own.size()).forEach(n -> out.add(".."));
        out.addAll(others.subList(common, others.size()));
        return with(false, out.isEmpty() ? List.of("") : out);
    }

    @Override
    public URI toUri() {
        try {
            return new URI(
                    DeviceFileSystemProvider.SCHEME, null, toAbsolutePath().toString(), null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("an absolute path is always one of a URI", e);
        }
    }

    @Override
    public Path toAbsolutePath() {
        return absolute ? this : with(true, isEmpty() ? List.of() : names);
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        Path real = toAbsolutePath().normalize();
        files.provider().checkAccess(real);
        return real;
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("a fake device's files are not watched");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(of(other).toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DevicePath p && p.files == files && p.absolute == absolute && p.names.equals(names);
    }

    @Override
    public int hashCode() {
        return Objects.hash(absolute, names);
    }

    @Override
    public String toString() {
        return (absolute ? "/" : "") + String.join("/", names);
    }
}
