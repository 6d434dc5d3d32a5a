package io.ebridge.ratls.net;

import io.ebridge.ratls.AttestedPeer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** As much of HTTP/1.1 (RFC 9112) as a request and its answer on a connection of their own need. */
final class HttpExchangeCodec {

    private static final int MAX_HEAD = 64 * 1024;
    private static final int MAX_CHUNK_LINE = 1024;
    private static final int MAX_INTERIM = 8;

    private HttpExchangeCodec() {}

    static byte[] request(String method, URI uri, Map<String, String> headers, byte[] body) {
        if (!isToken(method)) {
            throw new IllegalArgumentException("no method: " + method);
        }
        // What is not ASCII goes in escapes, lest it become a question mark where there is none.
        URI escaped = URI.create(uri.toASCIIString());
        String path = escaped.getRawPath() == null || escaped.getRawPath().isEmpty() ? "/" : escaped.getRawPath();
        StringBuilder head = new StringBuilder(method)
                .append(' ')
                .append(path)
                .append(escaped.getRawQuery() == null ? "" : "?" + escaped.getRawQuery())
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.getHost())
                .append(uri.getPort() < 0 ? "" : ":" + uri.getPort())
                .append("\r\nConnection: close\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        headers.forEach((name, value) -> {
            boolean ours = List.of("host", "connection", "content-length", "transfer-encoding")
                    .contains(name.toLowerCase(Locale.ROOT));
            if (!isToken(name) || ours || !value.chars().allMatch(c -> c == '\t' || c >= ' ' && c < 127)) {
                throw new IllegalArgumentException("no header: " + name);
            }
            head.append(name).append(": ").append(value).append("\r\n");
        });
        byte[] ascii = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        byte[] request = java.util.Arrays.copyOf(ascii, ascii.length + body.length);
        System.arraycopy(body, 0, request, ascii.length, body.length);
        return request;
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> Character.isLetterOrDigit(c) && c < 127 || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    static EgressClient.Response response(InputStream in, String method, int maxBody, Optional<AttestedPeer> peer)
            throws IOException {
        int[] budget = {MAX_HEAD};
        int status = 0;
        Map<String, List<String>> headers = Map.of();
        for (int i = 0; status < 200; i++) {
            if (i == MAX_INTERIM) {
                throw new IOException("interim answers without end");
            }
            status = status(line(in, budget));
            headers = headers(in, budget);
        }
        byte[] body;
        List<String> encodings = headers.getOrDefault("transfer-encoding", List.of());
        List<String> lengths = headers.getOrDefault("content-length", List.of());
        if (method.equals("HEAD") || status == 204 || status == 304) {
            body = new byte[0];
        } else if (!encodings.isEmpty()) {
            if (encodings.size() > 1 || !encodings.get(0).equalsIgnoreCase("chunked") || !lengths.isEmpty()) {
                throw new IOException("an answer whose length is ambiguous");
            }
            body = chunks(in, maxBody, budget);
        } else if (!lengths.isEmpty()) {
            if (lengths.size() > 1 || !lengths.get(0).matches("\\d{1,18}")) {
                throw new IOException("an answer whose length is ambiguous");
            }
            body = exactly(in, Long.parseLong(lengths.get(0)), maxBody);
        } else {
            // Until the end, which TLS protects: a cut connection is an exception, not an end.
            body = in.readNBytes(maxBody == Integer.MAX_VALUE ? maxBody : maxBody + 1);
            if (body.length > maxBody) {
                throw tooLong(maxBody);
            }
        }
        return new EgressClient.Response(status, headers, body, peer);
    }

    private static int status(String line) throws IOException {
        if (!line.matches("HTTP/1\\.[01] [1-5]\\d\\d( .*)?")) {
            throw new IOException("not an HTTP/1 answer");
        }
        return Integer.parseInt(line.substring(9, 12));
    }

    private static Map<String, List<String>> headers(InputStream in, int[] budget) throws IOException {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (String line = line(in, budget); !line.isEmpty(); line = line(in, budget)) {
            int colon = line.indexOf(':');
            if (colon < 1 || !isToken(line.substring(0, colon))) {
                throw new IOException("a header that is none");
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return Collections.unmodifiableMap(headers);
    }

    private static String line(InputStream in, int[] budget) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the answer ends in its head");
            }
            if (--budget[0] < 0) {
                throw new IOException("a head, or a line of it, that is too long");
            }
            if (b == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(b);
        }
    }

    private static byte[] exactly(InputStream in, long length, int max) throws IOException {
        if (length > max) {
            throw tooLong(max);
        }
        byte[] body = in.readNBytes((int) length);
        if (body.length < length) {
            throw new EOFException("the answer ends in its body");
        }
        return body;
    }

    private static byte[] chunks(InputStream in, int max, int[] budget) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            // Each of these comes with a byte of the body at least, which has a limit.
            String size = line(in, new int[] {MAX_CHUNK_LINE}).split(";", 2)[0].strip();
            if (!size.matches("[0-9A-Fa-f]{1,8}")) {
                throw new IOException("a chunk without size");
            }
            long length = Long.parseLong(size, 16);
            if (length == 0) {
                headers(in, budget);
                return body.toByteArray();
            }
            body.writeBytes(exactly(in, length, max - body.size()));
            if (!line(in, new int[] {2}).isEmpty()) {
                throw new IOException("a chunk longer than its size");
            }
        }
    }

    private static IOException tooLong(int max) {
        return new IOException("a body of more than " + max + " bytes");
    }
}
