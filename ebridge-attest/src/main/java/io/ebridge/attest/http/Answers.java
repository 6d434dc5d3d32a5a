package io.ebridge.attest.http;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.http.Addresses.Wanted;
import io.ebridge.attest.http.DocumentCache.Document;
import io.ebridge.attest.http.HttpFetcher.Reply;
import io.ebridge.attest.x509.X509;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns a service's answer into collateral with the end of its window. That end decides how long an answer is kept and
 * nothing else: what is relied on is judged by the verifier, from the signed bytes.
 */
final class Answers {

    private static final Pattern NEXT_UPDATE =
            Pattern.compile("\"nextUpdate\"\\s{0,8}:\\s{0,8}\"([0-9T:.Z+-]{10,35})\"");
    private static final int CHAIN_LIMIT = 64 * 1024;

    private Answers() {}

    static Document<Collateral> read(Wanted wanted, Reply reply) throws FetchException {
        Collateral.Builder collateral = Collateral.builder();
        try {
            Instant until =
                    switch (wanted.kind()) {
                        case TCB_INFO, QE_IDENTITY -> json(wanted.kind(), reply.body(), collateral);
                        case PCK_CRL, ROOT_CA_CRL, AMD_CRL -> crl(wanted.kind(), reply.body(), collateral);
                        default -> certificates(wanted.kind(), reply.body(), collateral);
                    };
            Kind chainKind = wanted.chainKind();
            if (chainKind != null) {
                byte[] chain = chain(wanted, reply);
                until = earlier(until, certificates(chainKind, chain, collateral));
            }
            return new Document<>(collateral.build(), until);
        } catch (EvidenceRejectedException | DateTimeException | IllegalArgumentException e) {
            throw new FetchException(
                    FetchException.Kind.UNUSABLE,
                    wanted.uri().getHost() + " answered with something that is no " + wanted.kind(),
                    e);
        }
    }

    private static Instant json(Kind kind, byte[] body, Collateral.Builder into) {
        Matcher next = NEXT_UPDATE.matcher(new String(body, StandardCharsets.ISO_8859_1));
        if (!next.find()) {
            throw new IllegalArgumentException("there is no nextUpdate");
        }
        into.add(kind, body);
        return Instant.parse(next.group(1));
    }

    /** DER, PEM, or the hexadecimal DER that caches of the third generation answer with. */
    private static Instant crl(Kind kind, byte[] body, Collateral.Builder into) throws EvidenceRejectedException {
        byte[] bytes = body;
        if (body.length > 1 && body[0] == '3' && body[1] == '0') {
            bytes = HexFormat.of().parseHex(new String(body, StandardCharsets.ISO_8859_1).strip());
        }
        Instant until = Instant.MAX;
        List<byte[]> lists = X509.crlBlocks(bytes);
        for (byte[] der : lists) {
            X509CRL crl = X509.crl(der);
            if (crl.getNextUpdate() == null) {
                throw new IllegalArgumentException("the list names no next update");
            }
            until = earlier(until, crl.getNextUpdate().toInstant());
            into.add(kind, der);
        }
        if (lists.isEmpty()) {
            throw new IllegalArgumentException("there is no list");
        }
        return until;
    }

    private static Instant certificates(Kind kind, byte[] body, Collateral.Builder into)
            throws EvidenceRejectedException {
        Instant until = Instant.MAX;
        List<X509Certificate> certificates = X509.certificates(body);
        for (X509Certificate certificate : certificates) {
            until = earlier(until, certificate.getNotAfter().toInstant());
        }
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("there is no certificate");
        }
        if (kind == Kind.VCEK || kind.name().endsWith("_CHAIN")) {
            into.add(kind, body);
        } else {
            into.addAll(Collateral.ofContents(List.of(body)));
        }
        return until;
    }

    private static byte[] chain(Wanted wanted, Reply reply) throws FetchException {
        for (String name : wanted.chainHeaders()) {
            String value = reply.headers().firstValue(name).orElse("");
            if (!value.isEmpty() && value.length() <= CHAIN_LIMIT) {
                return decode(value);
            }
        }
        throw new FetchException(
                FetchException.Kind.UNUSABLE,
                wanted.uri().getHost() + " sent no issuer chain in "
                        + wanted.chainHeaders().get(0));
    }

    /** Percent-decoding. A plus sign is one (it is a digit of Base64) unless it stands where PEM has a space. */
    private static byte[] decode(String text) {
        String value = text.contains("BEGIN+CERTIFICATE") ? text.replace('+', ' ') : text;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '%' && i + 2 < value.length()) {
                out.write(HexFormat.fromHexDigits(value, i + 1, i + 3));
                i += 2;
            } else if (c > ' ' - 1 && c < 0x7f || c == '\n' || c == '\r') {
                out.write(c);
            } else {
                throw new IllegalArgumentException("a character that no header has");
            }
        }
        return out.toByteArray();
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
