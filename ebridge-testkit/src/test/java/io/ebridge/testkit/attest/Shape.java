package io.ebridge.testkit.attest;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;

/** Describes the layout of evidence and collateral line by line: fields, types, lengths, object identifiers, but no values. */
final class Shape {
    private final List<String> lines = new ArrayList<>();

    List<String> lines() {
        return lines;
    }

    Shape add(String line) {
        lines.add(line);
        return this;
    }

    // ---- DER

    Shape der(String path, byte[] der) {
        try {
            lines.addAll(describe(path, ASN1Primitive.fromByteArray(der)));
        } catch (Exception e) {
            throw new AssertionError(path + " is no DER", e);
        }
        return this;
    }

    private static List<String> describe(String path, ASN1Encodable value) {
        List<String> out = new ArrayList<>();
        ASN1Primitive p = value.toASN1Primitive();
        if (p instanceof ASN1Sequence s) {
            out.add(path + " SEQUENCE");
            children(out, path, Arrays.asList(s.toArray()));
        } else if (p instanceof ASN1Set s) {
            out.add(path + " SET");
            children(out, path, Arrays.asList(s.toArray()));
        } else if (p instanceof ASN1TaggedObject t) {
            out.add(path + " [" + t.getTagNo() + "]");
            try {
                out.addAll(describe(path + ".0", t.getBaseObject()));
            } catch (RuntimeException e) {
                out.add(path + " implicit");
            }
        } else if (p instanceof ASN1ObjectIdentifier oid) {
            out.add(path + " OID " + oid.getId());
        } else if (p instanceof ASN1Boolean b) {
            out.add(path + " BOOLEAN " + b.isTrue());
        } else if (p instanceof ASN1OctetString o) {
            inner(out, path, "OCTET STRING", o.getOctets());
        } else if (p instanceof ASN1BitString b) {
            byte[] bytes = b.getBytes();
            // Keys have a length; signatures of ECDSA vary by a byte or two and are a structure.
            inner(out, path, "BIT STRING", bytes);
        } else {
            out.add(path + " " + p.getClass().getSimpleName());
        }
        return out;
    }

    private static void inner(List<String> out, String path, String type, byte[] content) {
        if (content.length > 2
                && (content[0] == 0x30 || content[0] == 0x02 || content[0] == 0x16 || content[0] == 0x04)) {
            try {
                List<String> inside = describe(path + ".0", ASN1Primitive.fromByteArray(content));
                out.add(path + " " + type + " around");
                out.addAll(inside);
                return;
            } catch (Exception notDer) {
                // Happens to start like DER.
            }
        }
        out.add(path + " " + type + " of " + content.length);
    }

    /** Siblings of one shape are told once: revoked certificates, say. */
    private static void children(List<String> out, String path, Collection<ASN1Encodable> children) {
        List<String> last = List.of();
        int i = 0;
        for (ASN1Encodable c : children) {
            List<String> next = describe("", c);
            if (next.equals(last)) {
                continue;
            }
            out.addAll(describe(path + "." + i, c));
            last = next;
            i++;
        }
    }

    // ---- PEM

    static List<byte[]> pem(byte[] text) {
        try {
            List<byte[]> out = new ArrayList<>();
            byte[] bytes = text[0] == 0x30
                    ? text
                    : new String(text, StandardCharsets.ISO_8859_1)
                            .replace("\0", "")
                            .getBytes(StandardCharsets.ISO_8859_1);
            for (var c :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes))) {
                out.add(((X509Certificate) c).getEncoded());
            }
            return out;
        } catch (Exception e) {
            throw new AssertionError("no PEM", e);
        }
    }

    // ---- JSON: enough for what vendors send

    Shape json(String path, byte[] text) {
        Json j = new Json(new String(text, StandardCharsets.UTF_8));
        lines.addAll(j.value(path));
        if (j.at != j.text.length()) {
            throw new AssertionError("something follows the JSON");
        }
        return this;
    }

    private static final class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text.strip();
        }

        private List<String> value(String path) {
            char c = text.charAt(at);
            if (c == '{') {
                return members(path);
            }
            if (c == '[') {
                return elements(path);
            }
            if (c == '"') {
                return List.of(path + " text " + kind(string()));
            }
            int from = at;
            while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            if (from == at) {
                throw new AssertionError("JSON at " + at);
            }
            return List.of(path + " number");
        }

        private static String kind(String s) {
            if (s.matches("[0-9A-F]+")) {
                return "HEX of " + s.length();
            }
            if (s.matches("[0-9a-f]+")) {
                return "hex of " + s.length();
            }
            return s.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ") ? "time" : "";
        }

        private List<String> members(String path) {
            List<String> out = new ArrayList<>(List.of(path + " object"));
            at++;
            while (text.charAt(at) != '}') {
                String name = string();
                at++; // colon
                out.addAll(value(path + "." + name));
                at += text.charAt(at) == ',' ? 1 : 0;
            }
            at++;
            return out;
        }

        /** Every shape that an element has, once. */
        private List<String> elements(String path) {
            List<String> out = new ArrayList<>(List.of(path + " array"));
            at++;
            while (text.charAt(at) != ']') {
                for (String line : value(path + "[]")) {
                    if (!out.contains(line)) {
                        out.add(line);
                    }
                }
                at += text.charAt(at) == ',' ? 1 : 0;
            }
            at++;
            return out;
        }

        private String string() {
            int from = ++at;
            while (text.charAt(at) != '"') {
                at++;
            }
            return text.substring(from, at++);
        }
    }

    // ---- Nitro

    Shape nitro(byte[] document) {
        ByteBuffer in = ByteBuffer.wrap(document);
        cbor("document", in);
        add("document ends " + (in.hasRemaining() ? "early" : "with its bytes"));
        return this;
    }

    private static long head(ByteBuffer in, int initial) {
        int info = initial & 31;
        return switch (info) {
            case 24 -> in.get() & 0xff;
            case 25 -> in.getShort() & 0xffff;
            case 26 -> in.getInt() & 0xffff_ffffL;
            case 27 -> in.getLong();
            case 31 -> -1;
            default -> info;
        };
    }

    private void cbor(String path, ByteBuffer in) {
        int initial = in.get() & 0xff;
        long n = head(in, initial);
        switch (initial >>> 5) {
            case 0 -> add(path + " unsigned in " + ((initial & 31) == 27 ? 8 : 1));
            case 1 -> add(path + " negative");
            case 2 -> bytes(path, in, (int) n);
            case 3 -> {
                byte[] text = new byte[(int) n];
                in.get(text);
                add(path + " text of " + n);
            }
            case 4 -> {
                add(path + " array of " + n);
                for (int i = 0; i < n; i++) {
                    cbor(path + "[" + i + "]", in);
                }
            }
            case 5 -> map(path, in, n);
            default -> add(path + " simple " + (initial & 31));
        }
    }

    private void map(String path, ByteBuffer in, long pairs) {
        add(path + " map of " + pairs);
        for (int i = 0; pairs < 0 ? in.get(in.position()) != (byte) 0xff : i < pairs; i++) {
            int initial = in.get() & 0xff;
            long n = head(in, initial);
            String key;
            if (initial >>> 5 == 3) {
                byte[] text = new byte[(int) n];
                in.get(text);
                key = new String(text, StandardCharsets.US_ASCII);
            } else {
                key = (initial >>> 5 == 0 ? "" : "-") + n;
            }
            cbor(path + "." + key, in);
        }
        if (pairs < 0) {
            in.get();
        }
    }

    private void bytes(String path, ByteBuffer in, int n) {
        byte[] content = new byte[n];
        in.get(content);
        if (path.endsWith("certificate") || path.contains("cabundle")) {
            der(path, content);
        } else if (path.equals("document[0]") || path.equals("document[2]")) {
            add(path + " bytes around");
            cbor(path + ".0", ByteBuffer.wrap(content));
        } else if (path.endsWith("user_data") || path.endsWith("nonce") || path.endsWith("public_key")) {
            add(path + " bytes");
        } else {
            add(path + " bytes of " + n);
        }
    }

    // ---- Intel quotes

    Shape quote(byte[] quote) {
        ByteBuffer in = ByteBuffer.wrap(quote).order(ByteOrder.LITTLE_ENDIAN);
        int version = in.getShort();
        add("header.version " + version);
        add("header.keyType " + in.getShort());
        int tee = in.getInt();
        add("header.tee " + tee);
        int qe = in.getShort();
        int pce = in.getShort();
        add("header.svns " + (qe != 0 && pce != 0 ? "told" : "zero"));
        byte[] id = new byte[16];
        in.get(id);
        add("header.vendor " + java.util.HexFormat.of().formatHex(id));
        zeros("header.userData", in, 20);
        int body = version == 3 || tee == 0 ? 384 : 584;
        if (version == 5) {
            add("body.type " + in.getShort());
            body = in.getInt();
            add("body.size " + body);
        }
        if (body == 384) {
            enclave("body", in);
        } else {
            td(in, body);
        }
        int declared = in.getInt();
        add("signatureData " + (declared <= in.remaining() ? "inside" : "beyond"));
        int end = in.position() + declared;
        add("signature of 64");
        in.position(in.position() + 64);
        add("attestationKey of 64");
        in.position(in.position() + 64);
        if (version > 3) {
            add("outer.type " + in.getShort());
            add("outer.size " + (in.getInt() == end - in.position() ? "to the end" : "other"));
        }
        enclave("qeReport", in);
        in.position(in.position() + 64);
        int auth = in.getShort() & 0xffff;
        add("qeAuthData of " + auth);
        in.position(in.position() + auth);
        add("certification.type " + in.getShort());
        int size = in.getInt();
        add("certification.size " + (size == end - in.position() ? "to the end" : "other"));
        byte[] chain = new byte[size];
        in.get(chain);
        add("certification ends with " + java.util.HexFormat.of().formatHex(chain, size - 2, size));
        int i = 0;
        for (byte[] der : pem(chain)) {
            der("pck[" + i++ + "]", der);
        }
        boolean zero = true;
        while (in.hasRemaining()) {
            zero &= in.get() == 0;
        }
        add("tail " + (zero ? "zero or none" : "other"));
        return this;
    }

    /** Which 16-bit words of a field are always zero cannot be known; that a reserved field is, can. */
    private void zeros(String name, ByteBuffer in, int n) {
        byte[] b = new byte[n];
        in.get(b);
        int last = n;
        while (last > 0 && b[last - 1] == 0) {
            last--;
        }
        add(name + " of " + n + " used to " + (last <= 16 ? 16 : last));
    }

    private void reserved(String name, ByteBuffer in, int n) {
        byte[] b = new byte[n];
        in.get(b);
        add(name + " reserved " + n + " " + (Arrays.equals(b, new byte[n]) ? "zero" : "used"));
    }

    private void skip(String name, ByteBuffer in, int n) {
        in.position(in.position() + n);
        add(name + " of " + n);
    }

    private void enclave(String at, ByteBuffer in) {
        skip(at + ".cpusvn", in, 16);
        reserved(at + ".miscselect", in, 4);
        reserved(at + ".r1", in, 12);
        skip(at + ".extProdId", in, 16);
        long flags = in.getLong();
        add(at + ".flags " + (flags & ~0x12L));
        in.getLong();
        skip(at + ".mrenclave", in, 32);
        reserved(at + ".r2", in, 32);
        skip(at + ".mrsigner", in, 32);
        reserved(at + ".r3", in, 32);
        skip(at + ".configId", in, 64);
        skip(at + ".svns", in, 6);
        reserved(at + ".r4", in, 42);
        skip(at + ".familyId", in, 16);
        if (at.equals("qeReport")) {
            skip(at + ".reportData", in, 32);
            reserved(at + ".reportDataTail", in, 32);
        } else {
            skip(at + ".reportData", in, 64);
        }
    }

    private void td(ByteBuffer in, int size) {
        reserved2(in);
        skip("mrseam", in, 48);
        reserved("mrsignerseam", in, 48);
        reserved("seamattributes", in, 8);
        add("attributes " + in.getLong());
        in.getLong();
        add("xfam of 8");
        skip("measurements", in, 4 * 48 + 4 * 48);
        skip("reportData", in, 64);
        if (size == 648) {
            reserved2(in);
            skip("mrservicetd", in, 48);
        }
    }

    /** A TEE_TCB_SVN: three components, then zeros. */
    private void reserved2(ByteBuffer in) {
        skip("teeTcbSvn", in, 3);
        reserved("teeTcbSvn.rest", in, 13);
    }

    // ---- SNP reports

    Shape report(byte[] report) {
        ByteBuffer in = ByteBuffer.wrap(report).order(ByteOrder.LITTLE_ENDIAN);
        int version = in.getInt();
        add("version " + version);
        skip("guestSvn", in, 4);
        long policy = in.getLong();
        add("policy bit 17 " + (policy >>> 17 & 1) + " above 25 " + (policy >>> 26));
        skip("ids", in, 32);
        skip("vmpl", in, 4);
        add("algorithm " + in.getInt());
        skip("currentTcb", in, 8);
        skip("platformInfo", in, 8);
        int keys = in.getInt();
        add("signingKey " + (keys >>> 2));
        reserved("r0", in, 4);
        skip("reportData..authorKey", in, 64 + 48 + 32 + 48 + 48);
        skip("reportId", in, 32);
        byte[] ma = new byte[32];
        in.get(ma);
        byte[] none = new byte[32];
        Arrays.fill(none, (byte) 0xff);
        add("reportIdMa " + (Arrays.equals(ma, none) ? "none" : "some"));
        byte[] tcb = new byte[8];
        in.get(tcb);
        int family = in.get(0x188);
        add("reportedTcb reserved "
                + (family == 0x1a
                        ? Arrays.equals(Arrays.copyOfRange(tcb, 4, 7), new byte[3])
                        : Arrays.equals(Arrays.copyOfRange(tcb, 2, 6), new byte[4])));
        if (version == 2) {
            reserved("cpuid", in, 3);
        } else {
            add("family " + in.get());
            skip("model, stepping", in, 2);
        }
        reserved("r1", in, 21);
        byte[] chip = new byte[64];
        in.get(chip);
        add("chipId zero from 8 " + Arrays.equals(Arrays.copyOfRange(chip, 8, 64), new byte[56]));
        skip("committedTcb", in, 8);
        skip("current", in, 3);
        reserved("r2", in, 1);
        skip("committed", in, 3);
        reserved("r3", in, 1);
        skip("launchTcb", in, 8);
        if (version == 5) {
            skip("mitigations", in, 16);
        } else {
            reserved("mitigations", in, 16);
        }
        reserved("r4", in, 152);
        skip("r", in, 48);
        reserved("r upper", in, 24);
        skip("s", in, 48);
        reserved("s upper", in, 24);
        reserved("tail", in, 368);
        add("length " + report.length + " all read " + !in.hasRemaining());
        return this;
    }
}
