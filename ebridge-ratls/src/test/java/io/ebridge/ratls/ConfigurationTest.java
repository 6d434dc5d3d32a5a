package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.draw.Draw;
import io.ebridge.ratls.configuration.ConfigurationManifest;
import io.ebridge.ratls.configuration.ConfigurationTree;
import io.ebridge.ratls.configuration.FlatRoot;
import io.ebridge.ratls.configuration.InclusionProof;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigurationTest {

    private static ConfigurationTree tree(int leaves) {
        ConfigurationTree.Builder builder = ConfigurationTree.builder();
        for (int i = 0; i < leaves; i++) {
            builder.put("leaf." + i, ("value " + i).getBytes());
        }
        return builder.build();
    }

    @Test
    void everyLeafIsProvenAndNoOther() {
        Draw.cases(60, draw -> proves(draw.between(1, 70)));
    }

    private static void proves(int leaves) throws Exception {
        ConfigurationTree tree = tree(leaves);
        ConfigurationTree other =
                tree.toBuilder().put("leaf.0", "changed".getBytes()).build();
        for (var leaf : tree.leaves()) {
            InclusionProof proof = tree.prove(leaf.name());
            assertThat(InclusionProof.decode(proof.encode())).isEqualTo(proof);
            assertThat(proof.verify(tree.root())).isEqualTo(leaf);
            assertThatThrownBy(() -> proof.verify(other.root())).isInstanceOf(AttestedTlsException.class);
            if (leaves > 1) {
                InclusionProof elsewhere = new InclusionProof(leaf, (proof.index() + 1) % leaves, leaves, proof.path());
                assertThatThrownBy(() -> elsewhere.verify(tree.root())).isInstanceOf(AttestedTlsException.class);
            }
        }
    }

    @Test
    void equalRootsMeanEqualConfigurations() {
        Draw.cases(200, draw -> {
            Map<String, String> one = configuration(draw);
            rootsTell(one, configuration(draw));
            rootsTell(one, new HashMap<>(one));
        });
    }

    private static Map<String, String> configuration(Draw draw) {
        Map<String, String> values = new HashMap<>();
        for (int i = draw.between(0, 4); i > 0; i--) {
            StringBuilder name = new StringBuilder();
            for (int j = draw.between(1, 4); j > 0; j--) {
                name.append((char) draw.between('a', 'z'));
            }
            values.put(name.toString(), draw.text(20));
        }
        return values;
    }

    /** Every character on its own, halves of code points too. */
    private static byte[] octets(String text) {
        ByteBuffer octets = ByteBuffer.allocate(2 * text.length());
        octets.asCharBuffer().put(text);
        return octets.array();
    }

    private static void rootsTell(Map<String, String> one, Map<String, String> two) {
        ConfigurationTree.Builder a = ConfigurationTree.builder();
        ConfigurationTree.Builder b = ConfigurationTree.builder();
        one.forEach((k, v) -> a.put(k, octets(v)));
        two.forEach((k, v) -> b.put(k, octets(v)));
        assertThat(a.build().root().equals(b.build().root())).isEqualTo(one.equals(two));
    }

    @Test
    void manifestIsAudited() throws Exception {
        ConfigurationTree tree = tree(5);
        ConfigurationManifest manifest =
                ConfigurationManifest.decode(tree.manifest().encode());
        manifest.requireRoot(tree.root()).requireValue("leaf.3", "value 3".getBytes());
        assertThatThrownBy(() -> manifest.requireValue("leaf.3", "value 4".getBytes()))
                .isInstanceOf(AttestedTlsException.class);
        assertThatThrownBy(() -> manifest.requireRoot(tree(4).root())).isInstanceOf(AttestedTlsException.class);
        byte[] encoded = tree.manifest().encode();
        for (int cut = 0; cut < encoded.length; cut++) {
            byte[] shorter = java.util.Arrays.copyOf(encoded, cut);
            assertThatThrownBy(() -> ConfigurationManifest.decode(shorter)).isInstanceOf(AttestedTlsException.class);
        }
        byte[] longer = java.util.Arrays.copyOf(encoded, encoded.length + 1);
        assertThatThrownBy(() -> ConfigurationManifest.decode(longer)).isInstanceOf(AttestedTlsException.class);
    }

    @Test
    void leavesHaveALimit() {
        ConfigurationTree full = tree(ConfigurationTree.MAX_LEAVES);
        assertThat(full.leaves()).hasSize(ConfigurationTree.MAX_LEAVES);
        assertThatThrownBy(() -> full.toBuilder().put("one.more", new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void flatRootIsAsPublished() {
        assertThat(FlatRoot.of(List.of(Optional.of("ca".getBytes()), Optional.empty(), Optional.of("pem".getBytes())))
                        .hex())
                .isEqualTo("e47cb8b3592443f5e639e6b1f164cbb1b8a3c609f975d1feec2a02907457e35c");
    }

    private static AttestedModule module(String name, Map<String, String> leaves, Map<String, byte[]> extensions) {
        return new AttestedModule() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Map<String, byte[]> configurationLeaves() {
                Map<String, byte[]> values = new HashMap<>();
                leaves.forEach((leaf, value) -> values.put(leaf, value.getBytes()));
                return values;
            }

            @Override
            public Map<String, byte[]> certificateExtensions() {
                return extensions;
            }
        };
    }

    private static final Map<String, byte[]> NONE = Map.of();

    @Test
    void modulesBringTheirLeaves() {
        try (ServiceIdentity identity = ServiceIdentity.builder("a", Rig.ENCLAVE)
                .configuration("b", new byte[0])
                .module(module("egress", Map.of("egress.ca_bundle", "pem"), NONE))
                .build()) {
            assertThat(identity.configuration())
                    .isEqualTo(ConfigurationTree.builder()
                            .put("b", new byte[0])
                            .put("egress.ca_bundle", "pem".getBytes())
                            .build());
        }
    }

    @Test
    void modulesDoNotClash() {
        Map<String, byte[]> extension = Map.of("1.2.3", new byte[1]);
        ServiceIdentity.Builder builder =
                ServiceIdentity.builder("a", Rig.ENCLAVE).module(module("one", Map.of("x", "1"), extension));
        for (AttestedModule other : List.of(
                module("one", Map.of(), NONE),
                module("two", Map.of("x", "2"), NONE),
                module("three", Map.of(), extension))) {
            assertThatThrownBy(() -> builder.module(other)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aModuleIsReplacedWhollyOrNotAtAll() {
        Map<String, byte[]> extension = Map.of("1.2.3", new byte[1]);
        try (ServiceIdentity identity = ServiceIdentity.builder("a", Rig.ENCLAVE)
                .configuration("own", "0".getBytes())
                .module(module("one", Map.of("x", "1", "y", "1"), NONE))
                .module(module("two", Map.of("z", "1"), extension))
                .build()) {
            ConfigurationTree before = identity.configuration();
            for (AttestedModule other : List.of(
                    module("three", Map.of(), NONE),
                    module("one", Map.of("z", "2"), NONE),
                    module("one", Map.of("own", "2"), NONE),
                    module("one", Map.of("x", "2"), extension))) {
                assertThatThrownBy(() -> identity.replaceModule(other)).isInstanceOf(IllegalArgumentException.class);
                assertThat(identity.configuration()).isEqualTo(before);
            }
            assertThat(identity.replaceModule(module("one", Map.of("x", "2", "w", "2"), NONE)))
                    .isEqualTo(ConfigurationTree.builder()
                            .put("own", "0".getBytes())
                            .put("x", "2".getBytes())
                            .put("w", "2".getBytes())
                            .put("z", "1".getBytes())
                            .build());
        }
    }
}
