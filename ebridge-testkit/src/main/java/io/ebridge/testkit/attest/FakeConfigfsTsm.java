package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.testkit.files.DeviceFileSystem;
import io.ebridge.testkit.files.DeviceTree;
import io.ebridge.testkit.files.DeviceTree.Node;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A fake {@code /sys/kernel/config/tsm/report} of Linux (Documentation/ABI/testing/configfs-tsm-report): directories that fill themselves, a write-only
 * {@code inblob}, and an {@code outblob} over what was written to it.
 *
 * <p>Guarantees: every write raises the directory's {@code generation}, that of {@code inblob} when it is closed; {@code outblob} before any
 * {@code inblob} is an error; files that the kernel makes write-only cannot be read, and the other way round; sizes are those of configfs, which say
 * nothing about the content; a directory goes as a whole. {@code auxblob} holds the certificate table of an SEV-SNP
 * host once {@link #certificates} was called.
 *
 * <pre>{@code
 * FakeConfigfsTsm files = new FakeConfigfsTsm(FakeQuotingEnclave.tdx());
 * EvidenceProvider provider = ConfigfsTsmProvider.of(EvidenceFormat.TDX, files.root());
 * }</pre>
 *
 * <p>{@link #root()} is a path of a file system of its own, not a temporary directory: no ordinary directory fills itself when it is made, and none
 * goes with what is in it. So code reaches it by {@link java.nio.file.Path} and {@link java.nio.file.Files}; {@link Path#toFile()} does not lead
 * there, and nothing is left on the disk.
 *
 * <p>Thread-safe.
 */
public final class FakeConfigfsTsm {
    private static final int REPORT_DATA = 64;
    private static final int TABLE_ENTRY = 24;
    private static final int PAGE = 4096;
    private static final int OPERATIONS = 4096;

    private final FakeQuotingEnclave enclave;
    private final Map<String, Request> requests = new TreeMap<>();
    private final List<String> operations = new ArrayList<>();
    private final Path root = DeviceFileSystem.mount(new Files(), "/sys/kernel/config/tsm/report");
    private int disturbances;
    private int busy;
    private boolean refusing;
    private boolean withCertificates;
    private byte[] auxiliary = {};
    private UnaryOperator<byte[]> change = UnaryOperator.identity();
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
     * The directory in which report directories are made.
     *
     * @return a path of a file system of its own that calls itself {@code /sys/kernel/config/tsm/report}
     */
    public Path root() {
        return root;
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
     * Lets the next readings of {@code outblob} fail as while another request occupies the firmware ({@code EBUSY}).
     *
     * @param times how often
     */
    public synchronized void busy(int times) {
        busy = times;
    }

    /**
     * Lets reading {@code outblob} fail ({@code EIO}).
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

    /** Changes every report on its way out. */
    synchronized void alter(UnaryOperator<byte[]> everyReport) {
        change = everyReport;
    }

    /** Lets the host supply this beside the reports, whatever it is. */
    synchronized void auxiliary(byte[] content) {
        auxiliary = content.clone();
    }

    /** What was made, read, written and removed, in order, without the names of directories; the first few thousand. */
    synchronized List<String> operations() {
        return List.copyOf(operations);
    }

    private void note(String operation) {
        if (operations.size() < OPERATIONS) {
            operations.add(operation);
        }
    }

    private List<String> files() {
        List<String> names = new ArrayList<>(List.of("generation", "inblob", "outblob", "provider"));
        if (enclave.format() == EvidenceFormat.SNP) {
            names.addAll(List.of("auxblob", "privlevel", "privlevel_floor"));
        }
        return names;
    }

    private Request request(String name) throws IOException {
        Request request = requests.get(directory(name));
        if (request == null) {
            throw new NoSuchFileException(root.resolve(name).toString());
        }
        return request;
    }

    private static String directory(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? name : name.substring(0, slash);
    }

    private static String file(String name) {
        return name.substring(name.indexOf('/') + 1);
    }

    private synchronized void commit(String name, byte[] content) throws IOException {
        Request request = request(name);
        note("write " + file(name));
        if (file(name).equals("inblob")) {
            request.inblob = content.clone();
        } else {
            request.privilegeLevel = level(content);
        }
        request.generation++;
    }

    private static int level(byte[] content) throws IOException {
        String text = new String(content, StandardCharsets.US_ASCII).strip();
        if (!text.matches("[0-3]")) {
            throw new IOException("Invalid argument: privlevel " + text);
        }
        return Integer.parseInt(text);
    }

    private synchronized byte[] content(String name) throws IOException {
        Request request = request(name);
        note("read " + file(name));
        return switch (file(name)) {
            case "provider" -> ascii(enclave.format() == EvidenceFormat.SNP ? "sev_guest\n" : "tdx_guest\n");
            case "generation" -> ascii(request.generation + "\n");
            case "privlevel_floor" -> ascii("0\n");
            case "outblob" -> outblob(request);
            case "auxblob" -> auxblob(request);
            default -> throw new AccessDeniedException(root.resolve(name).toString());
        };
    }

    private synchronized @Nullable Node node(String name) {
        if (name.isEmpty()) {
            return Node.directory(true);
        }
        if (!requests.containsKey(directory(name))) {
            return null;
        }
        if (name.indexOf('/') < 0) {
            return Node.directory(false);
        }
        String file = file(name);
        if (!files().contains(file)) {
            return null;
        }
        boolean writable = file.equals("inblob") || file.equals("privlevel");
        // What configfs reports: a page for text, nothing for binary attributes, whatever they hold.
        return Node.file(!writable, writable, file.endsWith("blob") ? 0 : PAGE);
    }

    private synchronized List<String> list(String directory) {
        return directory.isEmpty() ? List.copyOf(requests.keySet()) : files();
    }

    private synchronized void create(String name) throws IOException {
        if (requests.putIfAbsent(name, new Request()) != null) {
            throw new FileAlreadyExistsException(root.resolve(name).toString());
        }
        note("mkdir");
    }

    private synchronized void remove(String name) throws IOException {
        if (name.indexOf('/') >= 0) {
            throw new AccessDeniedException(root.resolve(name).toString());
        }
        request(name);
        note("rmdir");
        requests.remove(name);
    }

    /** The directory of directories. */
    private final class Files implements DeviceTree {
        @Override
        public @Nullable Node node(String name) {
            return FakeConfigfsTsm.this.node(name);
        }

        @Override
        public List<String> list(String directory) {
            return FakeConfigfsTsm.this.list(directory);
        }

        @Override
        public Opened open(String name) {
            return file(name).equals("inblob") ? new Blob(name) : new Attribute(name);
        }

        @Override
        public void createDirectory(String name) throws IOException {
            create(name);
        }

        @Override
        public void remove(String name) throws IOException {
            FakeConfigfsTsm.this.remove(name);
        }
    }

    /** A file whose every write counts at once. */
    private final class Attribute implements DeviceTree.Opened {
        private final String name;

        Attribute(String name) {
            this.name = name;
        }

        @Override
        public byte[] content() throws IOException {
            return FakeConfigfsTsm.this.content(name);
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            commit(name, bytes);
        }
    }

    /** A binary file, whose writes are gathered until it is closed. */
    private final class Blob implements DeviceTree.Opened {
        private final String name;
        private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();

        Blob(String name) {
            this.name = name;
        }

        @Override
        public byte[] content() throws IOException {
            throw new AccessDeniedException(root.resolve(name).toString());
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            if (gathered.size() + bytes.length > REPORT_DATA) {
                throw new IOException("File too large: inblob takes " + REPORT_DATA + " bytes");
            }
            gathered.writeBytes(bytes);
        }

        @Override
        public void close() throws IOException {
            if (gathered.size() > 0) {
                commit(name, gathered.toByteArray());
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private byte[] outblob(Request request) throws IOException {
        if (request.inblob.length == 0) {
            throw new IOException("Invalid argument: nothing was written to inblob");
        }
        if (busy > 0) {
            busy--;
            throw new IOException("Device or resource busy");
        }
        if (refusing) {
            throw new IOException("Input/output error: the firmware refused");
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
            return change.apply(evidence);
        } catch (EvidenceUnavailableException e) {
            throw new IOException("Input/output error: no evidence", e);
        }
    }

    /** GUIDs of AMD 56421, section 4.1.8.1. */
    private byte[] auxblob(Request request) throws IOException {
        if (request.inblob.length == 0) {
            throw new IOException("Invalid argument: nothing was written to inblob");
        }
        if (!withCertificates) {
            return auxiliary.clone();
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
