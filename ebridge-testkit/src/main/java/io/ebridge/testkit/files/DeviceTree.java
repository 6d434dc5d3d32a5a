package io.ebridge.testkit.files;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lies under the directory of a fake device and what it does. Names are relative to that directory, with {@code /} between their parts; the
 * directory itself is the empty name. Called by many threads.
 */
public interface DeviceTree {

    /**
     * Something that is there.
     *
     * @param directory whether it is a directory
     * @param readable whether it may be opened for reading, or listed
     * @param writable whether it may be opened for writing, or directories made in it
     * @param size the size that it reports, which for a pseudo-file says nothing about its content
     */
    record Node(boolean directory, boolean readable, boolean writable, long size) {

        /** A directory, in which directories can be made if it is writable. */
        public static Node directory(boolean writable) {
            return new Node(true, true, writable, 0);
        }

        /** A file. */
        public static Node file(boolean readable, boolean writable, long size) {
            return new Node(false, readable, writable, size);
        }
    }

    /** A file from its opening to its closing. Used by one thread at a time. */
    @FunctionalInterface
    interface Opened {

        /**
         * The whole content, asked for once per opening, when it is first read.
         *
         * @throws IOException as reading fails
         */
        byte[] content() throws IOException;

        /**
         * Takes the bytes of one call.
         *
         * @throws IOException as writing fails
         */
        default void write(byte[] bytes) throws IOException {
            throw new IOException("Bad file descriptor");
        }

        /**
         * Closes it, once.
         *
         * @throws IOException as closing fails
         */
        default void close() throws IOException {}
    }

    /** What is there under a name, or null. */
    @Nullable Node node(String name);

    /** The names of what a directory holds. */
    List<String> list(String directory);

    /**
     * Opens a file that is there, in a way that its node allows.
     *
     * @throws IOException if it will not be opened now
     */
    Opened open(String name) throws IOException;

    /**
     * Makes a directory in one that is writable, where nothing of that name is.
     *
     * @throws IOException if that fails
     */
    void createDirectory(String name) throws IOException;

    /**
     * Removes what is there.
     *
     * @throws IOException if that fails
     */
    void remove(String name) throws IOException;
}
