package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import io.ebridge.attest.intel.IntelPlatform;
import io.ebridge.attest.internal.dcap.DerReader.DerException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the SGX extension of a PCK certificate (Intel SGX PCK Certificate and CRL Profile Specification, 1.2.840.113741.1.13.1).
 * Every member is there at most once, the TCB has all 16 components, PCESVN and CPUSVN. Members of the extension that the profile
 * does not know are passed over: Intel's CA signed them.
 */
final class PckExtension {

    static final String OID = "1.2.840.113741.1.13.1";

    private static final byte[] PREFIX = {0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF8, 0x4D, 0x01, 0x0D, 0x01};
    private static final int PPID = 1;
    private static final int TCB = 2;
    private static final int PCE_ID = 3;
    private static final int FMSPC = 4;
    private static final int SGX_TYPE = 5;
    private static final int PLATFORM_INSTANCE_ID = 6;
    private static final int CONFIGURATION = 7;
    private static final int COMPONENTS = 16;
    private static final int PCE_SVN = 17;
    private static final int CPU_SVN = 18;

    private PckExtension() {}

    static IntelPlatform platform(X509Certificate certificate, PckCa ca) throws EvidenceRejectedException {
        byte[] extension = certificate.getExtensionValue(OID);
        if (extension == null) {
            throw new EvidenceRejectedException(
                    RejectionReason.PCK_EXTENSION_MALFORMED, "the PCK certificate has no SGX extension");
        }
        try {
            DerReader outer = new DerReader(extension);
            byte[] value = outer.content(DerReader.OCTET_STRING);
            outer.requireEnd();
            return parse(value, ca, certificate.getSerialNumber().toString(16));
        } catch (DerException e) {
            throw new EvidenceRejectedException(
                    RejectionReason.PCK_EXTENSION_MALFORMED,
                    "the SGX extension of the PCK certificate does not parse: " + e.getMessage(),
                    e);
        }
    }

    static IntelPlatform parse(byte[] extension, PckCa ca, String serialNumber) throws DerException {
        DerReader in = new DerReader(extension);
        Map<Integer, DerReader> members = members(in.enter(DerReader.SEQUENCE), PREFIX);
        in.requireEnd();

        Map<Integer, DerReader> tcb = members(sequence(members, TCB), child(TCB));
        int[] components = new int[COMPONENTS];
        for (int i = 0; i < COMPONENTS; i++) {
            components[i] = number(tcb, i + 1, DerReader.INTEGER, 0xFF);
        }
        DerReader instance = members.get(PLATFORM_INSTANCE_ID);
        DerReader configuration = members.get(CONFIGURATION);
        return new IntelPlatform(
                ca,
                serialNumber,
                octets(members, PPID, 16),
                octets(members, FMSPC, 6),
                octets(members, PCE_ID, 2),
                octets(tcb, CPU_SVN, 16),
                IntStream.of(components).boxed().toList(),
                number(tcb, PCE_SVN, DerReader.INTEGER, 0xFFFF),
                IntelPlatform.SgxType.values()[number(members, SGX_TYPE, DerReader.ENUMERATED, 2)],
                instance == null ? Optional.empty() : Optional.of(octets(members, PLATFORM_INSTANCE_ID, 16)),
                configuration == null
                        ? Optional.empty()
                        : Optional.of(configuration(sequence(members, CONFIGURATION))));
    }

    private static IntelPlatform.Configuration configuration(DerReader in) throws DerException {
        Map<Integer, DerReader> flags = members(in, child(CONFIGURATION));
        return new IntelPlatform.Configuration(flag(flags, 1), flag(flags, 2), flag(flags, 3));
    }

    private static Optional<Boolean> flag(Map<Integer, DerReader> flags, int id) throws DerException {
        DerReader value = flags.get(id);
        if (value == null) {
            return Optional.empty();
        }
        boolean flag = value.bool();
        value.requireEnd();
        return Optional.of(flag);
    }

    /** The values of {@code SEQUENCE { OID prefix.n, value }} elements by n; elements with other OIDs are passed over. */
    private static Map<Integer, DerReader> members(DerReader in, byte[] prefix) throws DerException {
        Map<Integer, DerReader> members = new HashMap<>();
        while (in.hasNext()) {
            DerReader member = in.enter(DerReader.SEQUENCE);
            byte[] oid = member.content(DerReader.OID);
            boolean known = oid.length == prefix.length + 1
                    && Arrays.equals(oid, 0, prefix.length, prefix, 0, prefix.length)
                    && oid[prefix.length] > 0;
            if (known && members.put((int) oid[prefix.length], member) != null) {
                throw new DerException("member " + oid[prefix.length] + " occurs twice");
            }
        }
        return members;
    }

    private static byte[] child(int id) {
        byte[] prefix = Arrays.copyOf(PREFIX, PREFIX.length + 1);
        prefix[PREFIX.length] = (byte) id;
        return prefix;
    }

    private static DerReader member(Map<Integer, DerReader> members, int id) throws DerException {
        @Nullable DerReader member = members.get(id);
        if (member == null) {
            throw new DerException("member " + id + " is missing");
        }
        return member;
    }

    private static DerReader sequence(Map<Integer, DerReader> members, int id) throws DerException {
        DerReader member = member(members, id);
        DerReader inside = member.enter(DerReader.SEQUENCE);
        member.requireEnd();
        return inside;
    }

    private static Bytes octets(Map<Integer, DerReader> members, int id, int length) throws DerException {
        DerReader member = member(members, id);
        byte[] octets = member.octets(length);
        member.requireEnd();
        return Bytes.of(octets);
    }

    private static int number(Map<Integer, DerReader> members, int id, int tag, int max) throws DerException {
        DerReader member = member(members, id);
        int number = member.number(tag, max);
        member.requireEnd();
        return number;
    }
}
