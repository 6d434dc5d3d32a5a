package io.ebridge.testkit.attest;

import io.ebridge.attest.Availability;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.provider.NsmDevice;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A fake Nitro Secure Module in place of {@code /dev/nsm}: answers {@code Attestation}, {@code DescribePCR}, {@code ExtendPCR}, {@code LockPCR},
 * {@code LockPCRs}, {@code DescribeNSM} and {@code GetRandom} as the module does, with documents of a {@link FakeQuotingEnclave}.
 *
 * <p>Guarantees: PCR0 to PCR15 are locked from the start; the others can be extended until locked, and a document has those that are locked.
 * A request that is none is answered with {@code InvalidOperation}, never with an exception, as the module does. Not guaranteed: randomness; what
 * {@code GetRandom} answers follows from the seed.
 *
 * <pre>{@code
 * EvidenceProvider provider = NitroProvider.of(new FakeNsm(FakeQuotingEnclave.nitro()));
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class FakeNsm implements NsmDevice {
    private static final int PCRS = 32;
    private static final int FIRST_FREE = 16;
    private static final int MAX_FIELD = 1024;
    private static final int RANDOM_BYTES = 256;

    private final FakeQuotingEnclave enclave;
    private final FakeNitro platform;
    private final byte[][] pcrs = new byte[PCRS][];
    private final boolean[] locked = new boolean[PCRS];
    private int randoms;

    /**
     * The module of an enclave.
     *
     * @param enclave a Nitro enclave, which signs the documents
     * @throws IllegalArgumentException if it is of another format
     */
    public FakeNsm(FakeQuotingEnclave enclave) {
        if (!(enclave.platform() instanceof FakeNitro nitro)) {
            throw new IllegalArgumentException("an enclave of " + enclave.format() + " has no Nitro Secure Module");
        }
        this.enclave = enclave;
        this.platform = nitro;
        for (int i = 0; i < PCRS; i++) {
            pcrs[i] = nitro.pcr(i);
            locked[i] = i < FIRST_FREE;
        }
    }

    @Override
    public Availability available() {
        return enclave.available();
    }

    @Override
    public byte[] exchange(byte[] request) throws EvidenceUnavailableException {
        Objects.requireNonNull(request, "request");
        if (request.length == 0 || request.length > MAX_REQUEST) {
            throw new EvidenceUnavailableException(
                    EvidenceUnavailableException.Reason.DEVICE_REFUSED,
                    "EMSGSIZE: a request has 1 to " + MAX_REQUEST + " bytes, not " + request.length,
                    null);
        }
        try {
            return answer(new NsmRequest(request));
        } catch (NsmRequest.InvalidException e) {
            return error("InvalidOperation");
        }
    }

    private byte[] answer(NsmRequest in) throws NsmRequest.InvalidException, EvidenceUnavailableException {
        if (in.isText()) {
            String name = in.text();
            in.end();
            return switch (name) {
                case "DescribeNSM" -> describe();
                case "GetRandom" -> random();
                default -> error("InvalidOperation");
            };
        }
        if (in.map(1) != 1) {
            return error("InvalidOperation");
        }
        return switch (in.text()) {
            case "Attestation" -> attestation(in);
            case "DescribePCR" -> describePcr(in);
            case "ExtendPCR" -> extendPcr(in);
            case "LockPCR" -> lockPcr(in);
            case "LockPCRs" -> lockPcrs(in);
            default -> error("InvalidOperation");
        };
    }

    private byte[] attestation(NsmRequest in) throws NsmRequest.InvalidException, EvidenceUnavailableException {
        Map<String, byte[]> fields = new TreeMap<>();
        for (int left = in.map(3); left > 0; left--) {
            String key = in.text();
            if (!in.isNull()) {
                fields.put(key, in.bytes());
            }
        }
        in.end();
        for (byte[] value : fields.values()) {
            if (value.length > MAX_FIELD) {
                return error("InputTooLarge");
            }
        }
        byte[] document = enclave.nitroDocument(
                platform, measured(), fields.get("user_data"), fields.get("nonce"), fields.get("public_key"));
        return new Cbor()
                .map(1)
                .text("Attestation")
                .map(1)
                .text("document")
                .bytes(document)
                .toBytes();
    }

    private synchronized SortedMap<Integer, byte[]> measured() {
        SortedMap<Integer, byte[]> values = new TreeMap<>();
        for (int i = 0; i < PCRS; i++) {
            if (locked[i]) {
                values.put(i, pcrs[i]);
            }
        }
        return values;
    }

    private static @Nullable Integer index(NsmRequest in, int limit) throws NsmRequest.InvalidException {
        long index = in.unsigned();
        return index < limit ? (int) index : null;
    }

    private synchronized byte[] describePcr(NsmRequest in) throws NsmRequest.InvalidException {
        in.map(1);
        in.key("index");
        Integer index = index(in, PCRS);
        in.end();
        if (index == null) {
            return error("InvalidIndex");
        }
        return new Cbor()
                .map(1)
                .text("DescribePCR")
                .map(2)
                .text("lock")
                .raw(locked[index] ? 0xf5 : 0xf4)
                .text("data")
                .bytes(pcrs[index])
                .toBytes();
    }

    private synchronized byte[] extendPcr(NsmRequest in) throws NsmRequest.InvalidException {
        in.map(2);
        in.key("index");
        Integer index = index(in, PCRS);
        in.key("data");
        byte[] data = in.bytes();
        in.end();
        if (index == null) {
            return error("InvalidIndex");
        }
        if (locked[index]) {
            return error("ReadOnlyIndex");
        }
        pcrs[index] = Digests.sha384(pcrs[index], data);
        return new Cbor()
                .map(1)
                .text("ExtendPCR")
                .map(1)
                .text("data")
                .bytes(pcrs[index])
                .toBytes();
    }

    private synchronized byte[] lockPcr(NsmRequest in) throws NsmRequest.InvalidException {
        in.map(1);
        in.key("index");
        Integer index = index(in, PCRS);
        in.end();
        if (index == null) {
            return error("InvalidIndex");
        }
        if (locked[index]) {
            return error("ReadOnlyIndex");
        }
        locked[index] = true;
        return new Cbor().text("LockPCR").toBytes();
    }

    private synchronized byte[] lockPcrs(NsmRequest in) throws NsmRequest.InvalidException {
        in.map(1);
        in.key("range");
        Integer range = index(in, PCRS + 1);
        in.end();
        if (range == null) {
            return error("InvalidIndex");
        }
        Arrays.fill(locked, 0, range, true);
        return new Cbor().text("LockPCRs").toBytes();
    }

    private synchronized byte[] describe() {
        Cbor out = new Cbor().map(1).text("DescribeNSM").map(7);
        out.text("version_major")
                .integer(1)
                .text("version_minor")
                .integer(0)
                .text("version_patch")
                .integer(0);
        out.text("module_id").text(platform.moduleId(enclave.seed()));
        out.text("max_pcrs").integer(PCRS).text("locked_pcrs");
        int count = 0;
        for (boolean l : locked) {
            count += l ? 1 : 0;
        }
        out.array(count);
        for (int i = 0; i < PCRS; i++) {
            if (locked[i]) {
                out.integer(i);
            }
        }
        return out.text("digest").text("SHA384").toBytes();
    }

    private synchronized byte[] random() {
        return new Cbor()
                .map(1)
                .text("GetRandom")
                .map(1)
                .text("random")
                .bytes(enclave.seed().bytes("nsm random " + randoms++, RANDOM_BYTES))
                .toBytes();
    }

    private static byte[] error(String code) {
        return new Cbor().map(1).text("Error").text(code).toBytes();
    }
}
