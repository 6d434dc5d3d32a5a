package io.ebridge.vsock;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** The rule for the length of Unix socket paths, so that it fails when a transport is set up and not at the first stream. */
final class SocketPaths {
    private static final String LONGEST_SUFFIX = "_4294967295";

    private SocketPaths() {}

    static void checkLength(Path path) {
        int limit = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("mac") ? 103 : 107;
        int length = (path + LONGEST_SUFFIX).getBytes(StandardCharsets.UTF_8).length;
        if (length > limit) {
            throw new IllegalArgumentException("the path " + path + " is too long: with the longest suffix "
                    + LONGEST_SUFFIX + " it has " + length + " bytes, and a Unix socket address holds " + limit);
        }
    }
}
