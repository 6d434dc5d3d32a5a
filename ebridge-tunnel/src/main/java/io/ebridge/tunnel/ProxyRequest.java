package io.ebridge.tunnel;

import io.ebridge.protocol.Target;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client of the loopback proxy asks for, in the protocol that its first byte gives away. Consumes its own bytes and
 * leaves those behind them.
 */
abstract class ProxyRequest {
    private static final int SOCKS_VERSION = 5;

    /** What the bytes so far came to: something to answer, a target to connect to and what to send it first, or nothing. */
    record Step(byte @Nullable [] reply, @Nullable Target target, byte[] first) {
        private static final byte[] NOTHING = {};
        static final Step MORE = new Step(null, null);

        Step(byte @Nullable [] reply, @Nullable Target target) {
            this(reply, target, NOTHING);
        }
    }

    /** Reads as far as it can; leaves incomplete bytes where they are. */
    abstract Step receive(ByteBuf in) throws BridgeException;

    /** What the client is told once the target is connected. */
    abstract byte[] success();

    /** What the client is told if it cannot be. */
    abstract byte[] failure(BridgeReason reason);

    static ProxyRequest byFirstByte(int first) throws BridgeException {
        if (first == SOCKS_VERSION) {
            return new Socks();
        }
        if (first >= 'A' && first <= 'Z') {
            return new Http();
        }
        throw new BridgeException(BridgeReason.PROTOCOL_ERROR, "neither HTTP nor SOCKS 5");
    }

    private static Target target(String host, int port) throws BridgeException {
        try {
            return new Target(host, port);
        } catch (IllegalArgumentException e) {
            throw new BridgeException(BridgeReason.TARGET_MALFORMED, Reasons.detail(e), e);
        }
    }

    /** SOCKS 5 (RFC 1928): no authentication, CONNECT only. */
    static final class Socks extends ProxyRequest {
        private static final int NO_AUTHENTICATION = 0;
        private static final int CONNECT = 1;
        private static final int IPV4 = 1;
        private static final int NAME = 3;
        private static final int IPV6 = 4;
        private static final int NOT_ALLOWED = 2;
        private static final int HOST_UNREACHABLE = 4;
        private static final int REFUSED = 5;
        private static final int TIMED_OUT = 6;
        private static final int COMMAND_UNKNOWN = 7;
        private static final int ADDRESS_UNKNOWN = 8;
        private static final int FAILURE = 1;

        private boolean greeted;
        private int error = FAILURE;

        @Override
        Step receive(ByteBuf in) throws BridgeException {
            return greeted ? request(in, null) : greeting(in);
        }

        private Step greeting(ByteBuf in) throws BridgeException {
            if (in.readableBytes() < 2) {
                return Step.MORE;
            }
            int methods = in.getUnsignedByte(in.readerIndex() + 1);
            if (in.readableBytes() < 2 + methods) {
                return Step.MORE;
            }
            boolean open =
                    in.indexOf(in.readerIndex() + 2, in.readerIndex() + 2 + methods, (byte) NO_AUTHENTICATION) >= 0;
            in.skipBytes(2 + methods);
            if (!open) {
                throw new BridgeException(BridgeReason.PROTOCOL_ERROR, "the client insists on authentication");
            }
            greeted = true;
            return request(in, new byte[] {SOCKS_VERSION, NO_AUTHENTICATION});
        }

        private Step request(ByteBuf in, byte @Nullable [] reply) throws BridgeException {
            int at = in.readerIndex();
            if (in.readableBytes() < 5) {
                return new Step(reply, null);
            }
            int type = in.getUnsignedByte(at + 3);
            int length =
                    switch (type) {
                        case IPV4 -> 4;
                        case IPV6 -> 16;
                        case NAME -> 1 + in.getUnsignedByte(at + 4);
                        default -> {
                            error = ADDRESS_UNKNOWN;
                            throw new BridgeException(BridgeReason.PROTOCOL_ERROR, "address type " + type);
                        }
                    };
            if (in.getUnsignedByte(at) != SOCKS_VERSION) {
                throw new BridgeException(BridgeReason.PROTOCOL_ERROR, "not a request of SOCKS 5");
            }
            if (in.getUnsignedByte(at + 1) != CONNECT) {
                error = COMMAND_UNKNOWN;
                throw new BridgeException(
                        BridgeReason.PROTOCOL_ERROR, "command " + in.getUnsignedByte(at + 1) + " is not CONNECT");
            }
            if (in.readableBytes() < 4 + length + 2) {
                return new Step(reply, null);
            }
            in.skipBytes(4);
            byte[] address = new byte[type == NAME ? in.readUnsignedByte() : length];
            in.readBytes(address);
            String host = type == NAME ? new String(address, StandardCharsets.ISO_8859_1) : literal(address);
            return new Step(reply, target(host, in.readUnsignedShort()));
        }

        private static String literal(byte[] address) {
            try {
                return InetAddress.getByAddress(address).getHostAddress();
            } catch (UnknownHostException e) {
                throw new IllegalStateException("An address of " + address.length + " bytes", e);
            }
        }

        @Override
        byte[] success() {
            return reply(0);
        }

        @Override
        byte[] failure(BridgeReason reason) {
            if (!greeted) {
                return new byte[] {SOCKS_VERSION, (byte) 0xff};
            }
            return reply(
                    switch (reason) {
                        case TARGET_NOT_ALLOWED, ADDRESS_NOT_ALLOWED -> NOT_ALLOWED;
                        case TARGET_MALFORMED, NAME_NOT_RESOLVED -> HOST_UNREACHABLE;
                        case CONNECT_REFUSED, PEER_CLOSED -> REFUSED;
                        case CONNECT_TIMEOUT, STEP_TIMEOUT -> TIMED_OUT;
                        default -> error;
                    });
        }

        private static byte[] reply(int code) {
            return new byte[] {SOCKS_VERSION, (byte) code, 0, IPV4, 0, 0, 0, 0, 0, 0};
        }
    }

    /**
     * HTTP/1.1 (RFC 9110 section 9.3.6, RFC 9112 section 3.2): CONNECT, and requests in absolute form, which are turned into
     * origin form and told to be the last on their connection, so that one connection has one target.
     */
    static final class Http extends ProxyRequest {
        private static final int MAX_HEAD = 16 * 1024;

        private boolean connect = true;

        @Override
        Step receive(ByteBuf in) throws BridgeException {
            int end = headEnd(in);
            if (end < 0) {
                if (in.readableBytes() > MAX_HEAD) {
                    throw new BridgeException(BridgeReason.PROTOCOL_ERROR, "a head of more than 16 KiB");
                }
                return Step.MORE;
            }
            String head = in.toString(in.readerIndex(), end - in.readerIndex(), StandardCharsets.ISO_8859_1);
            int eol = head.indexOf("\r\n");
            String[] line = head.substring(0, eol).split(" ", -1);
            if (line.length != 3 || !line[2].startsWith("HTTP/1.")) {
                throw new BridgeException(BridgeReason.PROTOCOL_ERROR, "not a request line of HTTP/1");
            }
            if (line[0].equals("CONNECT")) {
                in.readerIndex(end);
                return new Step(null, parse(line[1]));
            }
            connect = false;
            return absolute(in, end, line, head.substring(eol + 2));
        }

        private static Step absolute(ByteBuf in, int end, String[] line, String fields) throws BridgeException {
            if (!line[1].regionMatches(true, 0, "http://", 0, 7)) {
                throw new BridgeException(
                        BridgeReason.TARGET_MALFORMED, "neither CONNECT nor an http URI in absolute form");
            }
            String rest = line[1].substring(7);
            int path = 0;
            while (path < rest.length() && "/?#".indexOf(rest.charAt(path)) < 0) {
                path++;
            }
            String authority = rest.substring(0, path);
            String origin = rest.substring(path);
            boolean port = authority.lastIndexOf(':') > authority.lastIndexOf(']');
            Target target = parse(port ? authority : authority + ":80");
            StringBuilder out = new StringBuilder();
            out.append(line[0])
                    .append(' ')
                    .append(origin.startsWith("/") ? "" : "/")
                    .append(origin);
            out.append(' ').append(line[2]).append("\r\n");
            for (String field : fields.split("\r\n")) {
                String name = field.toLowerCase(Locale.ROOT);
                boolean hop = name.startsWith("connection:")
                        || name.startsWith("proxy-connection:")
                        || name.startsWith("keep-alive:")
                        || name.startsWith("proxy-authorization:");
                if (!field.isEmpty() && !hop) {
                    out.append(field).append("\r\n");
                }
            }
            out.append("Connection: close\r\n\r\n");
            in.readerIndex(end);
            return new Step(null, target, out.toString().getBytes(StandardCharsets.ISO_8859_1));
        }

        private static Target parse(String authority) throws BridgeException {
            try {
                return Target.parse(authority);
            } catch (IllegalArgumentException e) {
                throw new BridgeException(BridgeReason.TARGET_MALFORMED, Reasons.detail(e), e);
            }
        }

        /** The index behind the empty line, or -1. */
        private static int headEnd(ByteBuf in) {
            int from = in.readerIndex();
            int last = Math.min(in.writerIndex(), from + MAX_HEAD) - 3;
            for (int i = from; i < last; i++) {
                if (in.getByte(i) == '\r'
                        && in.getByte(i + 1) == '\n'
                        && in.getByte(i + 2) == '\r'
                        && in.getByte(i + 3) == '\n') {
                    return i + 4;
                }
            }
            return -1;
        }

        @Override
        byte[] success() {
            return connect
                    ? "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII)
                    : new byte[0];
        }

        @Override
        byte[] failure(BridgeReason reason) {
            String status =
                    switch (reason) {
                        case PROTOCOL_ERROR, TARGET_MALFORMED -> "400 Bad Request";
                        case CONNECT_TIMEOUT, STEP_TIMEOUT -> "504 Gateway Timeout";
                        case LIMIT_REACHED, CLOSING -> "503 Service Unavailable";
                        default -> "502 Bad Gateway";
                    };
            return ("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 0\r\nX-Bridge-Reason: " + reason
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }
}
