package io.ebridge.attest.provider;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Pseudo-files in memory that remember in which order they were used. */
class PlayedFiles implements DeviceFiles {

    interface Reader {
        byte[] read() throws IOException;
    }

    final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    final Map<String, Reader> files = new ConcurrentHashMap<>();

    void file(String name, String text) {
        files.put(name, () -> text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public boolean exists(String name) {
        return name.isEmpty() || files.containsKey(name);
    }

    @Override
    public boolean writable(String name) {
        return true;
    }

    @Override
    public void createDirectory(String name) throws IOException {
        calls.add("mkdir");
    }

    @Override
    public void removeDirectory(String name) throws IOException {
        calls.add("rmdir");
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        calls.add("write " + name);
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        calls.add("read " + name);
        Reader reader = files.get(name);
        if (reader == null) {
            throw new FileNotFoundException(name);
        }
        byte[] content = reader.read();
        if (content.length > limit) {
            throw new IOException(name + " has more than " + limit + " bytes");
        }
        return content;
    }

    @Override
    public String toString() {
        return "played files";
    }
}
