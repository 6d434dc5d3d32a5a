package io.ebridge.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The binary header by which a proxy tells whom it speaks for: "The PROXY protocol, versions 1 and 2" by Willy Tarreau
 * (HAProxy), section 2.2.
 */
final class ProxyHeader {
    private static final byte[] SIGNATURE = {
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    };
    private static final int VERSION_2_LOCAL = 0x20;
    private static final int VERSION_2_PROXY = 0x21;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;

    private ProxyHeader() {}

    /** The header for a connection between two addresses; without them, the form for a connection of the proxy's own. */
    static ByteBuf encode(
            ByteBufAllocator allocator, @Nullable InetSocketAddress source, @Nullable InetSocketAddress destination) {
        ByteBuf out = allocator.buffer(52).writeBytes(SIGNATURE);
        if (source == null || destination == null || source.isUnresolved() || destination.isUnresolved()) {
            return out.writeByte(VERSION_2_LOCAL).writeByte(0).writeShort(0);
        }
        boolean v4 = source.getAddress() instanceof Inet4Address && destination.getAddress() instanceof Inet4Address;
        out.writeByte(VERSION_2_PROXY);
        out.writeByte(v4 ? TCP4 : TCP6).writeShort(v4 ? 12 : 36);
        address(out, source.getAddress(), v4);
        address(out, destination.getAddress(), v4);
        return out.writeShort(source.getPort()).writeShort(destination.getPort());
    }

    private static void address(ByteBuf out, InetAddress address, boolean v4) {
        byte[] bytes = address.getAddress();
        if (!v4 && bytes.length == 4) {
            // IPv4-mapped, RFC 4291 section 2.5.5.2.
            out.writeZero(10).writeShort(0xffff);
        }
        out.writeBytes(bytes);
    }
}
