/**
 * A small {@link java.nio.file.FileSystem} whose files behave as a kernel's pseudo-files do, for the fakes of devices. Not exported.
 *
 * <p>An ordinary temporary directory cannot behave: a watching thread would race with the code under test, Java makes no named pipes, and no directory
 * fills itself when it is created. With a file system of its own every call of the code under test arrives here, in its thread and at once, and that
 * code runs the very {@link java.nio.file.Files} calls that it runs on a real device.
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.testkit.files;
