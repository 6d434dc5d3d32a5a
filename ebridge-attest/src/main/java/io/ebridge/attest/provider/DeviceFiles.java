package io.ebridge.attest.provider;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The pseudo-files that a kernel or library OS puts under one directory, as the providers use them. Names are relative
 * to that directory, with {@code /} between their parts. {@link #under(Path)} is the real one; a test hands in its own.
 *
 * <p>Such files are not ordinary ones: what is written in one call is one request, a read starts at the beginning after
 * every opening and goes to the end whatever size is reported, and none is ever created or cut by opening it.
 */
public interface DeviceFiles {

    /**
     * Whether there is such a file or directory.
     *
     * @param name its name; empty for the directory itself
     * @return whether it is there
     */
    boolean exists(String name);

    /**
     * Whether this process may write to it.
     *
     * @param name its name; empty for the directory itself
     * @return whether it may
     */
    boolean writable(String name);

    /**
     * Makes a directory, which the kernel fills.
     *
     * @param name its name
     * @throws IOException if it exists or cannot be made
     */
    void createDirectory(String name) throws IOException;

    /**
     * Removes a directory together with what the kernel put there; nothing inside is removed one by one.
     *
     * @param name its name
     * @throws IOException if it cannot be removed
     */
    void removeDirectory(String name) throws IOException;

    /**
     * Opens an existing file, writes all bytes in one call and closes it.
     *
     * @param name its name
     * @param content what to write
     * @throws IOException if that fails or not all bytes were taken at once
     */
    void write(String name, byte[] content) throws IOException;

    /**
     * Opens a file afresh and reads it to its end.
     *
     * @param name its name
     * @param limit the most bytes to accept
     * @return the content
     * @throws IOException if that fails or there are more bytes
     */
    byte[] read(String name, int limit) throws IOException;

    /**
     * The files under a directory of the default or any other file system.
     *
     * @param root the directory
     * @return access to its files
     */
    static DeviceFiles under(Path root) {
        return new PathDeviceFiles(root);
    }
}
