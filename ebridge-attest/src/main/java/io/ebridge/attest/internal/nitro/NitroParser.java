package io.ebridge.attest.internal.nitro;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.cbor.CborException;
import io.ebridge.attest.cbor.CborReader;
import io.ebridge.attest.cbor.CborType;
import io.ebridge.attest.nitro.NitroDocument;
import io.ebridge.attest.nitro.PcrSet;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads attestation documents (attestation process, section 2.2; RFC 9052 section 4.2). Total: a value or a typed error. */
final class NitroParser {

    static final int MAX_DOCUMENT_BYTES = 20 * 1024;
    static final int MAX_PAYLOAD_BYTES = 16 * 1024;
    static final int MAX_FIELD_BYTES = 1024;
    static final int MAX_CABUNDLE = 16;
    static final int MAX_PAYLOAD_KEYS = 32;

    private static final int COSE_SIGN1_TAG = 18;
    private static final int SIGNATURE_BYTES = 96;
    private static final int MAX_MODULE_ID_BYTES = 1024;
    private static final int MAX_KEY_BYTES = 64;
    private static final int MAX_UNKNOWN_DEPTH = 8;
    /** {@code {1: -35}}: algorithm ES384, in its only deterministic encoding. */
    private static final byte[] ES384_HEADER = {(byte) 0xA1, 0x01, 0x38, 0x22};

    private static final Set<String> MANDATORY =
            new LinkedHashSet<>(List.of("module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"));
    private static final Set<String> OPTIONAL = Set.of("public_key", "user_data", "nonce");

    private NitroParser() {}

    static CoseSign1 parseCose(byte[] document) throws EvidenceRejectedException {
        if (document.length > MAX_DOCUMENT_BYTES) {
            throw reject(
                    RejectionReason.NITRO_SIZE,
                    "a document of " + document.length + " bytes; at most " + MAX_DOCUMENT_BYTES + " are read");
        }
        CborReader reader = CborReader.of(document);
        try {
            if (reader.peek() == CborType.TAG && reader.readTag() != COSE_SIGN1_TAG) {
                throw reject(RejectionReason.NITRO_COSE_STRUCTURE, "a tag other than 18, COSE_Sign1");
            }
            int parts = reader.openArray(16);
            if (parts != 4) {
                throw reject(RejectionReason.NITRO_COSE_STRUCTURE, "an array of " + parts + " items, not 4");
            }
            byte[] header = reader.readBytes(MAX_FIELD_BYTES);
            if (!java.util.Arrays.equals(header, ES384_HEADER)) {
                throw reject(
                        RejectionReason.NITRO_ALGORITHM,
                        "the protected header is not exactly {1: -35}, algorithm ES384");
            }
            if (reader.peek() != CborType.MAP) {
                throw reject(RejectionReason.NITRO_COSE_STRUCTURE, "the unprotected header is no map");
            }
            if (reader.openMap(1024) != 0) {
                throw reject(
                        RejectionReason.NITRO_UNPROTECTED_HEADER,
                        "the unprotected header, which no signature covers, is not empty");
            }
            byte[] payload = reader.readBytes(MAX_DOCUMENT_BYTES);
            if (payload.length == 0 || payload.length > MAX_PAYLOAD_BYTES) {
                throw reject(
                        RejectionReason.NITRO_SIZE,
                        "a payload of " + payload.length + " bytes; 1 to " + MAX_PAYLOAD_BYTES + " are allowed");
            }
            byte[] signature = reader.readBytes(MAX_FIELD_BYTES);
            if (signature.length != SIGNATURE_BYTES) {
                throw reject(
                        RejectionReason.NITRO_COSE_STRUCTURE,
                        "a signature of " + signature.length + " bytes; ES384 has " + SIGNATURE_BYTES);
            }
            reader.end();
            return new CoseSign1(header, payload, signature);
        } catch (CborException e) {
            throw switch (e.reason()) {
                case TRAILING -> rejected(RejectionReason.TRAILING_DATA, e);
                case TRUNCATED -> rejected(RejectionReason.MALFORMED, e);
                default -> rejected(RejectionReason.NITRO_COSE_STRUCTURE, e);
            };
        }
    }

    static NitroDocument parsePayload(byte[] payload) throws EvidenceRejectedException {
        CborReader reader = CborReader.of(payload);
        try {
            Fields fields = new Fields();
            int pairs = reader.openMap(MAX_PAYLOAD_KEYS, true);
            for (int read = 0; pairs == CborReader.INDEFINITE ? !reader.closeMap() : read < pairs; read++) {
                if (read == MAX_PAYLOAD_KEYS) {
                    throw reject(
                            RejectionReason.NITRO_FIELD_INVALID,
                            "the payload has more than " + MAX_PAYLOAD_KEYS + " keys");
                }
                readPair(reader, fields);
            }
            reader.end();
            for (String field : MANDATORY) {
                if (!fields.seen.contains(field)) {
                    throw reject(RejectionReason.NITRO_FIELD_MISSING, "there is no " + field);
                }
            }
            return fields.toDocument(pairs == CborReader.INDEFINITE);
        } catch (CborException e) {
            throw switch (e.reason()) {
                case TRAILING -> rejected(RejectionReason.TRAILING_DATA, e);
                case WRONG_TYPE, LIMIT, BAD_TEXT -> rejected(RejectionReason.NITRO_FIELD_INVALID, e);
                default -> rejected(RejectionReason.MALFORMED, e);
            };
        }
    }

    private static void readPair(CborReader reader, Fields fields) throws CborException, EvidenceRejectedException {
        String key = reader.readText(MAX_KEY_BYTES);
        if (!fields.seen.add(key)) {
            throw reject(RejectionReason.NITRO_DUPLICATE_KEY, "the payload has a key twice");
        }
        if (OPTIONAL.contains(key) && reader.readNull()) {
            fields.nulls.add(key);
            return;
        }
        switch (key) {
            case "module_id" -> fields.moduleId = moduleId(reader.readText(MAX_MODULE_ID_BYTES));
            case "digest" -> digest(reader.readText(MAX_KEY_BYTES));
            case "timestamp" -> fields.timestamp = timestamp(reader.readUnsigned());
            case "pcrs" -> fields.pcrs = pcrs(reader);
            case "certificate" -> fields.certificate = sized(reader, 1, key);
            case "cabundle" -> fields.cabundle = cabundle(reader);
            case "public_key" -> fields.publicKey = sized(reader, 1, key);
            case "user_data" -> fields.userData = sized(reader, 0, key);
            case "nonce" -> fields.nonce = sized(reader, 0, key);
            default -> {
                reader.skip(MAX_UNKNOWN_DEPTH);
                fields.unknown.add(key);
            }
        }
    }

    private static String moduleId(String id) throws EvidenceRejectedException {
        if (id.isEmpty()) {
            throw reject(RejectionReason.NITRO_FIELD_INVALID, "module_id is empty");
        }
        return id;
    }

    private static void digest(String name) throws EvidenceRejectedException {
        if (!name.equals("SHA384")) {
            throw reject(RejectionReason.NITRO_DIGEST, "the digest is not SHA384");
        }
    }

    private static Instant timestamp(long millis) throws EvidenceRejectedException {
        if (millis == 0) {
            throw reject(RejectionReason.NITRO_FIELD_INVALID, "timestamp is zero");
        }
        return Instant.ofEpochMilli(millis);
    }

    private static SortedMap<Integer, Bytes> pcrs(CborReader reader) throws CborException, EvidenceRejectedException {
        int count = reader.openMap(1024);
        if (count == 0 || count > PcrSet.MAX_INDEX + 1) {
            throw reject(RejectionReason.NITRO_PCR_INVALID, count + " PCRs; 1 to 32 are allowed");
        }
        SortedMap<Integer, Bytes> pcrs = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            long index = reader.readUnsigned();
            if (index > PcrSet.MAX_INDEX) {
                throw reject(RejectionReason.NITRO_PCR_INVALID, "PCR" + index + "; indexes are 0 to 31");
            }
            byte[] value = reader.readBytes(MAX_FIELD_BYTES);
            if (value.length != PcrSet.VALUE_BYTES) {
                throw reject(
                        RejectionReason.NITRO_PCR_INVALID,
                        "PCR" + index + " has " + value.length + " bytes; SHA384 has " + PcrSet.VALUE_BYTES);
            }
            if (pcrs.put((int) index, Bytes.of(value)) != null) {
                throw reject(RejectionReason.NITRO_DUPLICATE_KEY, "PCR" + index + " is there twice");
            }
        }
        return pcrs;
    }

    private static List<Bytes> cabundle(CborReader reader) throws CborException, EvidenceRejectedException {
        int count = reader.openArray(MAX_CABUNDLE);
        if (count == 0) {
            throw reject(RejectionReason.NITRO_FIELD_INVALID, "cabundle is empty");
        }
        List<Bytes> certificates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            certificates.add(sized(reader, 1, "cabundle"));
        }
        return certificates;
    }

    private static Bytes sized(CborReader reader, int least, String field)
            throws CborException, EvidenceRejectedException {
        byte[] value = reader.readBytes(MAX_FIELD_BYTES);
        if (value.length < least) {
            throw reject(RejectionReason.NITRO_FIELD_INVALID, field + " is empty");
        }
        return Bytes.of(value);
    }

    private static EvidenceRejectedException rejected(RejectionReason reason, CborException cause) {
        return new EvidenceRejectedException(reason, String.valueOf(cause.getMessage()), cause);
    }

    private static EvidenceRejectedException reject(RejectionReason reason, String detail) {
        return new EvidenceRejectedException(reason, detail);
    }

    /** What was read so far. */
    private static final class Fields {
        final Set<String> seen = new HashSet<>();
        final Set<String> nulls = new HashSet<>();
        final Set<String> unknown = new LinkedHashSet<>();

        @Nullable String moduleId;

        @Nullable Instant timestamp;

        @Nullable SortedMap<Integer, Bytes> pcrs;

        @Nullable Bytes certificate;

        @Nullable List<Bytes> cabundle;

        @Nullable Bytes publicKey;

        @Nullable Bytes userData;

        @Nullable Bytes nonce;

        NitroDocument toDocument(boolean indefinite) {
            return new NitroDocument(
                    java.util.Objects.requireNonNull(moduleId),
                    java.util.Objects.requireNonNull(timestamp),
                    java.util.Objects.requireNonNull(pcrs),
                    java.util.Objects.requireNonNull(certificate),
                    java.util.Objects.requireNonNull(cabundle),
                    Optional.ofNullable(publicKey),
                    Optional.ofNullable(userData),
                    Optional.ofNullable(nonce),
                    indefinite,
                    nulls,
                    unknown);
        }
    }
}
