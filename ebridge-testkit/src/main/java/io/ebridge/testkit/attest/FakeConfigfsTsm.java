package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.provider.DeviceFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A fake {@code /sys/kernel/config/tsm/report} of Linux (Documentation/ABI/testing/configfs-tsm-report): directories that fill themselves, a write-only
 * {@code inblob}, and an {@code outblob} over what was written to it.
 *
 * <p>Guarantees: every write raises the directory's {@code generation}; {@code outblob} before any {@code inblob} is an error; files that the kernel
 * makes write-only cannot be read, and the other way round; a directory goes as a whole. {@code auxblob} holds the certificate table of an SEV-SNP
 * host once {@link #certificates} was called.
 *
 * <pre>{@code
 * FakeConfigfsTsm files = new FakeConfigfsTsm(FakeQuotingEnclave.tdx());
 * EvidenceProvider provider = ConfigfsTsmProvider.of(EvidenceFormat.TDX, files);
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class FakeConfigfsTsm implements DeviceFiles {
    private static final int REPORT_DATA = 64;
    private static final int TABLE_ENTRY = 24;

    private final FakeQuotingEnclave enclave;
    private final Map<String, Request> requests = new TreeMap<>();
    private int disturbances;
    private boolean refusing;
    private boolean withCertificates;
    private int served;

    /** One directory. */
    private static final class Request {
        private long generation;
        private byte[] inblob = {};
        private int privilegeLevel = -1;
    }

    /**
     * The directory of a guest.
     *
     * @param enclave a TDX or SEV-SNP guest, which makes the evidence
     * @throws IllegalArgumentException if it is of another format
     */
    public FakeConfigfsTsm(FakeQuotingEnclave enclave) {
        if (enclave.format() != EvidenceFormat.TDX && enclave.format() != EvidenceFormat.SNP) {
            throw new IllegalArgumentException("configfs-tsm makes no evidence of " + enclave.format());
        }
        this.enclave = enclave;
    }

    /**
     * Lets another writer get between the next requests and their answers: it raises the generation and changes the report data.
     *
     * @param times how often
     */
    public synchronized void disturb(int times) {
        disturbances = times;
    }

    /**
     * Lets reading {@code outblob} fail.
     *
     * @param refuse whether it fails
     */
    public synchronized void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Lets the host supply certificates beside SEV-SNP reports: endorsement key, issuer, root and CRL. */
    public synchronized void certificates() {
        withCertificates = true;
    }

    /**
     * The directories that are there now.
     *
     * @return their names, in order
     */
    public synchronized List<String> directories() {
        return List.copyOf(requests.keySet());
    }

    /**
     * How many pieces of evidence were read.
     *
     * @return the number
     */
    public synchronized int served() {
        return served;
    }

    @Override
    public synchronized boolean exists(String name) {
        String[] parts = name.split("/", -1);
        if (name.isEmpty()) {
            return true;
        }
        if (!requests.containsKey(parts[0]) || parts.length > 2) {
            return false;
        }
        return parts.length == 1 || files().contains(parts[1]);
    }

    private List<String> files() {
        List<String> names = new ArrayList<>(List.of("generation", "inblob", "outblob", "provider"));
        if (enclave.format() == EvidenceFormat.SNP) {
            names.addAll(List.of("auxblob", "privlevel", "privlevel_floor"));
        }
        return names;
    }

    @Override
    public boolean writable(String name) {
        return exists(name) && (name.indexOf('/') < 0 || name.endsWith("/inblob") || name.endsWith("/privlevel"));
    }

    @Override
    public synchronized void createDirectory(String name) throws IOException {
        if (name.isEmpty() || name.indexOf('/') >= 0) {
            throw new AccessDeniedException(name);
        }
        if (requests.putIfAbsent(name, new Request()) != null) {
            throw new FileAlreadyExistsException(name);
        }
    }

    @Override
    public synchronized void removeDirectory(String name) throws IOException {
        if (requests.remove(name) == null) {
            throw new NoSuchFileException(name);
        }
    }

    @Override
    public synchronized void write(String name, byte[] content) throws IOException {
        Request request = request(name);
        switch (name.substring(name.indexOf('/') + 1)) {
            case "inblob" -> {
                if (content.length == 0 || content.length > REPORT_DATA) {
                    throw new IOException("EINVAL: inblob of " + content.length + " bytes");
                }
                request.inblob = content.clone();
            }
            case "privlevel" -> request.privilegeLevel = level(content);
            default -> throw new AccessDeniedException(name);
        }
        request.generation++;
    }

    private static int level(byte[] content) throws IOException {
        String text = new String(content, StandardCharsets.US_ASCII).strip();
        if (!text.matches("[0-3]")) {
            throw new IOException("EINVAL: privlevel " + text);
        }
        return Integer.parseInt(text);
    }

    private Request request(String name) throws IOException {
        Request request = requests.get(name.split("/", -1)[0]);
        if (request == null || !exists(name)) {
            throw new NoSuchFileException(name);
        }
        return request;
    }

    @Override
    public byte[] read(String name, int limit) throws IOException {
        byte[] content = content(name);
        if (content.length > limit) {
            throw new IOException(name + " has more than " + limit + " bytes");
        }
        return content;
    }

    private synchronized byte[] content(String name) throws IOException {
        Request request = request(name);
        return switch (name.substring(name.indexOf('/') + 1)) {
            case "provider" -> ascii(enclave.format() == EvidenceFormat.SNP ? "sev_guest\n" : "tdx_guest\n");
            case "generation" -> ascii(request.generation + "\n");
            case "privlevel_floor" -> ascii("0\n");
            case "outblob" -> outblob(request);
            case "auxblob" -> auxblob(request);
            default -> throw new AccessDeniedException(name);
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] outblob(Request request) throws IOException {
        if (request.inblob.length == 0) {
            throw new IOException("EINVAL: nothing was written to inblob");
        }
        if (refusing) {
            throw new IOException("EIO: the firmware refused");
        }
        if (disturbances > 0) {
            disturbances--;
            request.generation++;
            request.inblob[0] ^= 1;
        }
        FakeQuotingEnclave actual = request.privilegeLevel >= 0 && enclave.platform() instanceof FakeSnp p
                ? enclave.on(p.vmpl(request.privilegeLevel))
                : enclave;
        try {
            byte[] evidence = actual.quote(Arrays.copyOf(request.inblob, REPORT_DATA), null)
                    .bytes()
                    .toByteArray();
            served++;
            return evidence;
        } catch (EvidenceUnavailableException e) {
            throw new IOException("EIO: no evidence", e);
        }
    }

    /** GUIDs of AMD 56421, section 4.1.8.1. */
    private byte[] auxblob(Request request) throws IOException {
        if (request.inblob.length == 0) {
            throw new IOException("EINVAL: nothing was written to inblob");
        }
        if (!withCertificates) {
            return new byte[0];
        }
        Collateral collateral = enclave.collateral();
        Map<String, byte[]> table = new TreeMap<>();
        put(table, "63da758de6644564adc5f4b93be8accd", collateral, Collateral.Kind.VCEK);
        put(table, "a8074bc2a25a483eaae639c045a0b8a1", collateral, Collateral.Kind.VLEK);
        put(table, "4ab7b379bbac4fe4a02f05aef327c782", collateral, Collateral.Kind.ASK);
        put(table, "4ab7b379bbac4fe4a02f05aef327c782", collateral, Collateral.Kind.ASVK);
        put(table, "c0b406a4a803495297433fb6014cd0ae", collateral, Collateral.Kind.ARK);
        put(table, "92f81bc358114d3d97ffd19f88dc67ea", collateral, Collateral.Kind.AMD_CRL);
        ByteBuffer head = ByteBuffer.allocate((table.size() + 1) * TABLE_ENTRY).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        table.forEach((guid, piece) -> {
            head.put(HexFormat.of().parseHex(guid));
            head.putInt(head.capacity() + body.size()).putInt(piece.length);
            body.writeBytes(piece);
        });
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.array());
        all.writeBytes(body.toByteArray());
        return all.toByteArray();
    }

    private static void put(Map<String, byte[]> table, String guid, Collateral collateral, Collateral.Kind kind) {
        collateral.pieces(kind).forEach(piece -> table.put(guid, piece.toByteArray()));
    }
}
