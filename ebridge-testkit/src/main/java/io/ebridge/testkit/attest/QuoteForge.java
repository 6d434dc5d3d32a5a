package io.ebridge.testkit.attest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** ECDSA quotes (Intel SGX ECDSA QuoteLib reference, appendix A.4; Intel TDX DCAP quoting library, appendix A.3). */
final class QuoteForge {
    static final int HEADER = 48;
    static final int ENCLAVE_BODY = 384;
    static final int TD10_BODY = 584;
    static final int TD15_BODY = 648;
    static final int TEE_TDX = 0x81;

    private static final byte[] QE_VENDOR = HexFormat.of().parseHex("939a7233f79c4ca9940a0db3957f0607");

    private QuoteForge() {}

    /** A quote before it is signed, and ways to sign it wrongly. */
    static final class Quote {
        int version;
        byte[] header;
        int bodyType;
        int bodySize;
        byte[] body;
        EcKey attestationKey;
        byte[] attestationPublic;
        byte[] qeReport;
        /** Replaces the report data that binds the attestation key to the quoting enclave. */
        byte @Nullable [] qeReportData;

        byte[] authData = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        EcKey pckKey;
        int outerType = 6;
        int certificationType = 5;
        byte[] certification;
        /** Replaces the declared length of the signature data. */
        int signatureLength = -1;

        byte[] trailing = {};
        boolean breakSignature;
        boolean breakQeSignature;
        /** Replaces the quote's signature. */
        byte @Nullable [] signature;

        Quote(
                int version,
                int bodyType,
                byte[] body,
                EcKey attestationKey,
                byte[] qeReport,
                EcKey pckKey,
                String chain) {
            this.version = version;
            this.bodyType = bodyType;
            this.body = body;
            this.bodySize = body.length;
            this.attestationKey = attestationKey;
            this.attestationPublic = attestationKey.rawPublic();
            this.qeReport = qeReport;
            this.pckKey = pckKey;
            // Intel's library counts the terminating NUL of the C string in.
            this.certification = (chain + "\0").getBytes(StandardCharsets.US_ASCII);
            this.header = new byte[HEADER];
        }

        byte[] encode() {
            ByteBuffer signed = little(HEADER + 6 + body.length);
            signed.put(header);
            if (version >= 5) {
                signed.putShort((short) bodyType).putInt(bodySize);
            }
            signed.put(body);
            byte[] message = Arrays.copyOf(signed.array(), signed.position());

            byte[] report = qeReport.clone();
            byte[] binding = qeReportData != null
                    ? qeReportData
                    : Arrays.copyOf(Digests.sha256(attestationPublic, authData), 64);
            System.arraycopy(binding, 0, report, 320, 64);
            byte[] qeSignature = pckKey.signRaw(report);
            if (breakQeSignature) {
                qeSignature[63] ^= 1;
            }
            byte[] quoteSignature = signature != null ? signature : attestationKey.signRaw(message);
            if (breakSignature) {
                quoteSignature[63] ^= 1;
            }

            ByteBuffer inner = little(report.length + 64 + 2 + authData.length + 6 + certification.length);
            inner.put(report).put(qeSignature).putShort((short) authData.length).put(authData);
            inner.putShort((short) certificationType)
                    .putInt(certification.length)
                    .put(certification);

            ByteBuffer data = little(128 + 6 + inner.capacity());
            data.put(quoteSignature).put(attestationPublic);
            if (version >= 4) {
                data.putShort((short) outerType).putInt(inner.capacity());
            }
            data.put(inner.array());

            ByteBuffer out = little(message.length + 4 + data.position() + trailing.length);
            out.put(message).putInt(signatureLength >= 0 ? signatureLength : data.position());
            out.put(data.array(), 0, data.position()).put(trailing);
            return out.array();
        }
    }

    static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Version 3 tells the versions of QE and PCE, later ones the TEE type. */
    static byte[] header(int version, int teeType, byte[] qeId) {
        ByteBuffer b = little(HEADER);
        b.putShort((short) version).putShort((short) 2);
        if (version == 3) {
            b.putInt(0).putShort((short) DcapMachine.QE_SVN).putShort((short) DcapMachine.PCE_SVN);
        } else {
            b.putInt(teeType).putInt(0);
        }
        b.put(QE_VENDOR).put(qeId, 0, 16).putInt(0);
        return b.array();
    }

    /** A report body of an enclave (Intel SDM, REPORT). */
    static byte[] enclave(
            byte[] cpusvn,
            long flags,
            byte[] mrEnclave,
            byte[] mrSigner,
            int isvProdId,
            int isvSvn,
            byte[] reportData) {
        ByteBuffer b = little(ENCLAVE_BODY);
        b.put(cpusvn);
        b.putLong(48, flags).putLong(56, 0xe7);
        b.put(64, mrEnclave).put(128, mrSigner);
        b.putShort(256, (short) isvProdId).putShort(258, (short) isvSvn);
        b.put(320, reportData);
        return b.array();
    }
}
