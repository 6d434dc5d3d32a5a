package io.ebridge.testkit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.draw.Draw;
import io.ebridge.protocol.Target;
import io.ebridge.tunnel.BridgeException;
import io.ebridge.tunnel.BridgeReason;
import io.ebridge.tunnel.EgressPolicy;
import io.ebridge.tunnel.IngressPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EgressPolicyTest {
    private static InetAddress address(String literal) throws Exception {
        return InetAddress.getByName(literal);
    }

    private static void allowed(EgressPolicy policy, String target) throws Exception {
        policy.check(Target.parse(target));
    }

    private static void refused(EgressPolicy policy, String target) {
        assertThatThrownBy(() -> policy.check(Target.parse(target)))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.reason()).isEqualTo(BridgeReason.TARGET_NOT_ALLOWED));
    }

    private static void refused(EgressPolicy policy, String target, String resolved) {
        assertThatThrownBy(() -> policy.check(Target.parse(target), address(resolved)))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.reason()).isEqualTo(BridgeReason.ADDRESS_NOT_ALLOWED));
    }

    @Test
    void nothingIsAllowedWithoutARule() {
        refused(EgressPolicy.denyAll(), "example.com:443");
        refused(EgressPolicy.denyAll(), "8.8.8.8:53");
        refused(EgressPolicy.builder().build(), "127.0.0.1:22");
    }

    @Test
    void namesMatchExactlyOrBySuffix() throws Exception {
        EgressPolicy policy = EgressPolicy.allow("api.example.com:443", "*.example.org:8000-8010");
        allowed(policy, "api.example.com:443");
        allowed(policy, "API.Example.COM.:443");
        refused(policy, "api.example.com:80");
        refused(policy, "xapi.example.com:443");
        refused(policy, "api.example.com.evil.net:443");
        allowed(policy, "a.b.example.org:8005");
        refused(policy, "example.org:8005");
        refused(policy, "badexample.org:8005");
        refused(policy, "a.example.org:8011");
    }

    @Test
    void addressRulesDoNotAllowNamesNorNameRulesAddresses() throws Exception {
        refused(EgressPolicy.allow("8.8.8.0/24:53"), "dns.google:53");
        refused(EgressPolicy.allow("dns.google:53"), "8.8.8.8:53");
        allowed(EgressPolicy.allow("8.8.8.0/24:53"), "8.8.8.8:53");
        refused(EgressPolicy.allow("8.8.8.0/24:53"), "8.8.9.8:53");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.1.1", "169.254.169.254", "169.254.170.2",
                        "100.100.100.200",
                "168.63.129.16", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "224.0.0.1", "255.255.255.255",
                "198.18.0.1", "192.0.0.192"
            })
    void theWholeInternetDoesNotNameWhatIsSpecial(String special) throws Exception {
        EgressPolicy internet = EgressPolicy.allow("0.0.0.0/0:*", "[::/0]:*");
        refused(internet, special + ":80");
        refused(internet, "[::ffff:" + special + "]:80");
        refused(internet, "[64:ff9b::" + special + "]:80");
        refused(internet, "[::" + special + "]:80");
        allowed(EgressPolicy.allow(special + ":80"), special + ":80");
        refused(EgressPolicy.allow(special + ":80"), special + ":81");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "::1",
                "::",
                "fe80::1",
                "fd00:ec2::254",
                "fd20:ce::254",
                "fc00::1",
                "ff02::1",
                "2002:7f00:1::",
                "2001::1"
            })
    void theWholeInternetDoesNotNameWhatIsSpecialInVersion6(String special) throws Exception {
        refused(EgressPolicy.allow("[::/0]:*"), "[" + special + "]:80");
        allowed(EgressPolicy.allow("[" + special + "]:80"), "[" + special + "]:80");
    }

    @Test
    void aBlockWithinASpecialRangeNamesIt() throws Exception {
        allowed(EgressPolicy.allow("10.0.0.0/8:5432"), "10.9.9.9:5432");
        allowed(EgressPolicy.allow("127.0.0.0/8:9000"), "127.0.0.1:9000");
        refused(EgressPolicy.allow("169.254.0.0/16:80"), "169.254.169.254:80");
        allowed(EgressPolicy.allow("169.254.0.0/16:80"), "169.254.1.1:80");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "169.254.169.254",
                "169.254.3.4",
                "0.0.0.0",
                "fe80::1",
                "fd00:ec2::254",
                "224.0.0.1"
            })
    void whatANameResolvesToStaysClosed(String address) throws Exception {
        refused(EgressPolicy.allow("api.example.com:80"), "api.example.com:80", address);
        refused(EgressPolicy.allow("*.example.com:80", "0.0.0.0/0:*"), "api.example.com:80", address);
        String exact = address.indexOf(':') >= 0 ? "[" + address + "]:80" : address + ":80";
        EgressPolicy.allow("api.example.com:80", exact).check(Target.parse("api.example.com:80"), address(address));
    }

    @Test
    void namesMayResolveToPrivateAddressesUnlessSaidOtherwise() throws Exception {
        EgressPolicy.allow("db.example.com:5432").check(Target.parse("db.example.com:5432"), address("10.0.0.7"));
        refused(
                EgressPolicy.builder()
                        .host("db.example.com", 5432)
                        .publicAddressesOnly()
                        .build(),
                "db.example.com:5432",
                "10.0.0.7");
        EgressPolicy.builder()
                .host("db.example.com", 5432)
                .addresses("10.0.0.0/24", 5432, 5432)
                .publicAddressesOnly()
                .build()
                .check(Target.parse("db.example.com:5432"), address("10.0.0.7"));
    }

    /** Every way that we know to write an address that a host must not be made to dial. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "0.0.0.0",
                "0.1.2.3",
                "169.254.0.23",
                "169.254.169.254",
                "169.254.170.2",
                "169.254.170.23",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "10.0.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "100.64.0.1",
                "192.88.99.1",
                "198.19.0.1",
                "203.0.113.9",
                "239.1.1.1",
                "240.0.0.1",
                "255.255.255.255",
                // Version 6, and version 4 inside it: mapped, compatible, translated, NAT64, 6to4.
                "::1",
                "::",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12:3456::1",
                "fd00:ec2::254",
                "fd00:ec2::23",
                "fd20:ce::254",
                "fd00:c1::a9fe:a9fe",
                "fd00:42::42",
                "ff02::1",
                "2001:db8::1",
                "3fff::1",
                "100::1",
                "4000::1",
                "::ffff:127.0.0.1",
                "::ffff:169.254.169.254",
                "::127.0.0.1",
                "::169.254.169.254",
                "::ffff:0:127.0.0.1",
                "::ffff:0:10.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::169.254.169.254",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::10.0.0.1",
                "2002:7f00:1::",
                "2002:a9fe:a9fe::1",
                "2002:a00:1::1",
                "2002:c0a8:1::1",
                "2001::1",
                "2001:0:7f00:1::"
            })
    void publicAddressesOnlyMeansThat(String special) throws Exception {
        EgressPolicy policy = EgressPolicy.builder()
                .below("example.com", 80)
                .allow("0.0.0.0/0:*")
                .allow("[::/0]:*")
                .publicAddressesOnly()
                .build();
        refused(policy, "api.example.com:80", special);
        String literal = special.indexOf(':') >= 0 ? "[" + special + "]" : special;
        refused(policy, literal + ":80");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "8.8.8.8",
                "169.253.255.255",
                "172.32.0.1",
                "100.128.0.1",
                "128.0.0.1",
                "1.0.0.1",
                "2606:4700::1111",
                "2a00:1450::1",
                "::ffff:8.8.8.8",
                "64:ff9b::8.8.8.8",
                "2002:808:808::1"
            })
    void publicAddressesStayOpen(String open) throws Exception {
        EgressPolicy.builder()
                .below("example.com", 80)
                .publicAddressesOnly()
                .build()
                .check(Target.parse("api.example.com:80"), address(open));
    }

    @Test
    void localhostNamesLoopbackForItself() throws Exception {
        EgressPolicy policy = EgressPolicy.allow("localhost:9000", "other:9000");
        policy.check(Target.parse("localhost:9000"), address("127.0.0.1"));
        refused(policy, "other:9000", "127.0.0.1");
        refused(policy, "localhost:9000", "169.254.169.254");
    }

    @ParameterizedTest
    @CsvSource({
        "example.com, ends in :port",
        "example.com:0, not a target",
        "example.com:70000, 65535",
        "example.com:90-80, 65535",
        "10.0.0.1/8:80, behind its prefix",
        "10.0.0.0/33:80, Prefix length",
        "::1:80, brackets",
        "127.1:80, host",
        "2130706433:80, host",
        "0x7f000001:80, host",
        "exa mple.com:80, host",
        "*:80, host"
    })
    void rulesThatCannotBeReadAreRefusedWithTheRule(String rule, String says) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EgressPolicy.allow(rule))
                .withMessageContaining(rule)
                .withMessageContaining(says);
    }

    @Test
    void aBlockCoversExactlyItsAddresses() {
        Draw.cases(500, draw -> {
            int prefix = draw.between(8, 32);
            byte[] network = draw.bytes(4);
            coversExactly(network, draw.bytes(4), prefix);
            // An address that shares the first bits, so that both answers are common.
            byte[] near = network.clone();
            int bit = draw.between(8, 31);
            near[bit / 8] ^= (byte) (0x80 >> bit % 8);
            coversExactly(network, near, prefix);
        });
    }

    private static void coversExactly(byte[] network, byte[] other, int prefix) throws Exception {
        long mask = -1L << 32 - prefix & 0xffffffffL;
        // Public space only, so that nothing but the block decides.
        network[0] = 8;
        other[0] = (byte) (other[0] & 1 | 8);
        long base = number(network) & mask;
        InetAddress candidate = InetAddress.getByAddress(other);
        EgressPolicy policy = EgressPolicy.allow(dotted(base) + "/" + prefix + ":1");
        boolean inside = (number(other) & mask) == base;
        boolean passes;
        try {
            policy.check(new Target(candidate.getHostAddress(), 1));
            passes = true;
        } catch (BridgeException e) {
            passes = false;
        }
        assertThat(passes).isEqualTo(inside);
    }

    private static long number(byte[] v4) {
        return (v4[0] & 0xffL) << 24 | (v4[1] & 0xffL) << 16 | (v4[2] & 0xffL) << 8 | v4[3] & 0xffL;
    }

    private static String dotted(long v4) {
        return (v4 >> 24) + "." + (v4 >> 16 & 255) + "." + (v4 >> 8 & 255) + "." + (v4 & 255);
    }

    @Test
    void ingressGrantsOnlyWhatItNames() throws Exception {
        InetAddress any = address("0.0.0.0");
        InetAddress loopback = address("127.0.0.1");
        assertThatThrownBy(() -> IngressPolicy.denyAll().check(any, 8080))
                .isInstanceOfSatisfying(
                        BridgeException.class, e -> assertThat(e.reason()).isEqualTo(BridgeReason.PORT_NOT_ALLOWED));
        assertThat(IngressPolicy.allow(8080).check(any, 8080)).isEqualTo(new InetSocketAddress(any, 8080));
        assertThatThrownBy(() -> IngressPolicy.allow(8080).check(any, 22)).isInstanceOf(BridgeException.class);
        assertThatThrownBy(() -> IngressPolicy.allow(8080).check(any, 0)).isInstanceOf(BridgeException.class);
        IngressPolicy local =
                IngressPolicy.builder().portsOn(loopback, 8000, 8010).build();
        assertThat(local.check(any, 8001)).isEqualTo(new InetSocketAddress(loopback, 8001));
        assertThatThrownBy(() -> local.check(address("192.168.0.1"), 8001)).isInstanceOf(BridgeException.class);
        IngressPolicy mapped = IngressPolicy.builder()
                .map(80, new InetSocketAddress(loopback, 9080))
                .build();
        assertThat(mapped.check(any, 80)).isEqualTo(new InetSocketAddress(loopback, 9080));
    }
}
