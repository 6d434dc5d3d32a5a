package io.ebridge.tunnel;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an address is, as far as a gate towards the network is concerned. Sources: the IANA special-purpose registries for
 * IPv4 and IPv6 (RFC 6890 and its updates), and the metadata addresses that AWS, Azure, Google Cloud, Oracle, Alibaba
 * and Scaleway document. An IPv6 address that carries an IPv4 address inside counts as what it carries: IPv4-compatible (RFC
 * 4291), IPv4-translated (RFC 2765), 6to4 (RFC 3056), NAT64's well-known prefix (RFC 6052). IPv6 addresses outside the one block
 * from which global addresses are given (2000::/3) are reserved.
 */
enum AddressKind {
    PUBLIC,
    PRIVATE,
    LOOPBACK,
    LINK_LOCAL,
    METADATA,
    MULTICAST,
    UNSPECIFIED,
    RESERVED;

    /** A kind, and the block that gave an address this kind. */
    record Found(AddressKind kind, @Nullable AddressRange block) {}

    // Most specific first: the first block that holds the address decides.
    private static final List<Map.Entry<AddressRange, AddressKind>> BLOCKS = List.of(
            block("169.254.169.254", METADATA),
            block("169.254.170.2", METADATA),
            block("169.254.170.23", METADATA),
            block("100.100.100.200", METADATA),
            block("168.63.129.16", METADATA),
            block("192.0.0.192", METADATA),
            block("fd00:ec2::/32", METADATA),
            block("fd20:ce::254", METADATA),
            block("fd00:c1::a9fe:a9fe", METADATA),
            block("fd00:42::42", METADATA),
            block("127.0.0.0/8", LOOPBACK),
            block("::1", LOOPBACK),
            block("169.254.0.0/16", LINK_LOCAL),
            block("fe80::/10", LINK_LOCAL),
            block("0.0.0.0/8", UNSPECIFIED),
            block("::", UNSPECIFIED),
            block("10.0.0.0/8", PRIVATE),
            block("172.16.0.0/12", PRIVATE),
            block("192.168.0.0/16", PRIVATE),
            block("100.64.0.0/10", PRIVATE),
            block("fc00::/7", PRIVATE),
            block("fec0::/10", PRIVATE),
            block("224.0.0.0/4", MULTICAST),
            block("ff00::/8", MULTICAST),
            block("192.0.0.0/24", RESERVED),
            block("192.0.2.0/24", RESERVED),
            block("192.88.99.0/24", RESERVED),
            block("198.18.0.0/15", RESERVED),
            block("198.51.100.0/24", RESERVED),
            block("203.0.113.0/24", RESERVED),
            block("240.0.0.0/4", RESERVED),
            block("64:ff9b:1::/48", RESERVED),
            block("100::/64", RESERVED),
            block("2001::/32", RESERVED),
            block("2001:2::/48", RESERVED),
            block("2001:10::/28", RESERVED),
            block("2001:20::/28", RESERVED),
            block("2001:db8::/32", RESERVED),
            block("3fff::/20", RESERVED));

    private static final AddressRange COMPATIBLE = AddressRange.parse("::/96");
    private static final AddressRange TRANSLATED = AddressRange.parse("::ffff:0:0:0/96");
    private static final AddressRange NAT64 = AddressRange.parse("64:ff9b::/96");
    private static final AddressRange SIX_TO_FOUR = AddressRange.parse("2002::/16");
    private static final AddressRange GLOBAL = AddressRange.parse("2000::/3");

    static Found of(InetAddress address) {
        byte[] bytes = address.getAddress();
        for (Map.Entry<AddressRange, AddressKind> block : BLOCKS) {
            if (block.getKey().contains(bytes)) {
                return new Found(block.getValue(), block.getKey());
            }
        }
        int inner = -1;
        if (NAT64.contains(bytes) || COMPATIBLE.contains(bytes) || TRANSLATED.contains(bytes)) {
            inner = 12;
        } else if (SIX_TO_FOUR.contains(bytes)) {
            inner = 2;
        }
        if (inner >= 0) {
            byte[] v4 = {bytes[inner], bytes[inner + 1], bytes[inner + 2], bytes[inner + 3]};
            try {
                Found found = of(InetAddress.getByAddress(v4));
                // No rule is written in terms of the wrapped form, so nothing but the exact address can name it.
                return new Found(found.kind(), found.kind() == PUBLIC ? null : new AddressRange(address, 128));
            } catch (UnknownHostException e) {
                throw new IllegalStateException("Four bytes are an address", e);
            }
        }
        return bytes.length == 16 && !GLOBAL.contains(bytes)
                ? new Found(RESERVED, new AddressRange(address, 128))
                : new Found(PUBLIC, null);
    }

    private static Map.Entry<AddressRange, AddressKind> block(String range, AddressKind kind) {
        return Map.entry(AddressRange.parse(range), kind);
    }
}
