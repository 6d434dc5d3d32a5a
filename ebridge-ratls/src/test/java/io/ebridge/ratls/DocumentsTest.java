package io.ebridge.ratls;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.ratls.certificate.CertificateProfile;
import io.ebridge.ratls.certificate.RatlsOid;
import io.ebridge.ratls.configuration.ConfigurationManifest;
import io.ebridge.ratls.configuration.ConfigurationTree;
import io.ebridge.ratls.configuration.InclusionProof;
import io.ebridge.ratls.merkle.MerkleTree;
import io.ebridge.ratls.strict.Answer;
import io.ebridge.ratls.strict.Binding;
import io.ebridge.ratls.strict.Challenge;
import io.ebridge.ratls.strict.Frame;
import io.ebridge.ratls.strict.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is written down agrees with what is done. */
class DocumentsTest {

    private static final String SERVICE = "orders.example.com";

    private static byte[] fill(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static String read(String name) throws Exception {
        return Files.readString(Path.of(name));
    }

    private static Map<String, byte[]> vectors() throws Exception {
        Map<String, byte[]> vectors = new TreeMap<>();
        Matcher lines = Pattern.compile("(?m)^([a-z0-9-]+) = ([0-9a-f]+)$").matcher(read("PROTOCOL.md"));
        while (lines.find()) {
            vectors.put(lines.group(1), HexFormat.of().parseHex(lines.group(2)));
        }
        return vectors;
    }

    @Test
    void protocolVectors() throws Exception {
        Map<String, byte[]> v = vectors();
        assertThat(v).hasSize(15);
        Challenge challenge = Challenge.decode(v.get("challenge"));
        assertThat(challenge.encode()).isEqualTo(v.get("challenge"));
        assertThat(challenge.from()).isEqualTo(Role.CLIENT);
        assertThat(challenge.formats()).isEqualTo(Set.of(EvidenceFormat.NITRO, EvidenceFormat.SGX));
        assertThat(challenge.service()).isEqualTo(SERVICE);
        Binding.Channel channel =
                new Binding.Channel(Bytes.of(fill(0x11, 32)), Bytes.of(new byte[32]), Bytes.of(fill(0x22, 32)));
        byte[] binding = Binding.of(
                Role.SERVER, channel, challenge.nonce(), Bytes.of(fill(0x44, 32)), SERVICE, v.get("challenge"));
        assertThat(binding).isEqualTo(v.get("binding"));
        Challenge ofServer = Challenge.decode(v.get("challenge-of-server"));
        assertThat(ofServer.encode()).isEqualTo(v.get("challenge-of-server"));
        assertThat(ofServer.from()).isEqualTo(Role.SERVER);
        assertThat(ofServer.service()).isEqualTo("worker");
        Binding.Channel ofClient =
                new Binding.Channel(Bytes.of(fill(0x88, 32)), Bytes.of(fill(0x11, 32)), Bytes.of(fill(0x22, 32)));
        assertThat(Binding.of(
                        Role.CLIENT,
                        ofClient,
                        ofServer.nonce(),
                        Bytes.of(fill(0x44, 32)),
                        "worker",
                        v.get("challenge-of-server")))
                .isEqualTo(v.get("binding-of-client"));
        byte[] leaf = Binding.leaf(binding);
        assertThat(leaf).isEqualTo(v.get("leaf"));
        assertThat(Binding.reportData(1, leaf)).isEqualTo(v.get("report-data-alone"));
        MerkleTree tree = new MerkleTree(List.of(Binding.leaf(fill(0xA0, 64)), leaf, Binding.leaf(fill(0xA2, 64))));
        assertThat(tree.root()).isEqualTo(v.get("batch-root"));
        assertThat(tree.path(1)).containsExactly(v.get("batch-path-0"), v.get("batch-path-1"));
        assertThat(Binding.reportData(3, tree.root())).isEqualTo(v.get("report-data-batch"));
        Answer answer = Answer.decode(v.get("answer"));
        assertThat(answer.encode(true)).isEqualTo(v.get("answer"));
        assertThat(answer.quote().evidence()).isEqualTo(Evidence.of(EvidenceFormat.NITRO, fill(0xEE, 5)));
        assertThat(answer.quote().reportData(binding)).isEqualTo(v.get("report-data-batch"));
        ConfigurationTree configuration = ConfigurationTree.builder()
                .put("a", "one".getBytes())
                .put("b", "two".getBytes())
                .put("c", new byte[0])
                .build();
        assertThat(configuration.leaves().get(0).hash().toByteArray()).isEqualTo(v.get("configuration-leaf-a"));
        assertThat(configuration.root().toByteArray()).isEqualTo(v.get("configuration-root"));
        assertThat(ConfigurationManifest.decode(v.get("configuration-manifest")))
                .isEqualTo(configuration.manifest());
        assertThat(InclusionProof.decode(v.get("configuration-proof-a")).verify(configuration.root()))
                .isEqualTo(configuration.leaves().get(0));
    }

    @Test
    void framesAreAsInTheTable() throws Exception {
        String document = read("PROTOCOL.md");
        for (Frame frame : Frame.values()) {
            assertThat(document)
                    .contains("| " + (frame.ordinal() + 1) + " | " + frame + " | "
                            + String.format(java.util.Locale.ROOT, "%,d", frame.limit()) + " |");
        }
    }

    @Test
    void objectIdentifiersAreAsInTheTable() throws Exception {
        String document = read("OIDS.md");
        for (RatlsOid oid : RatlsOid.values()) {
            assertThat(document)
                    .contains("| " + oid + " | " + oid.oid() + " | " + oid.encoding() + " | "
                            + oid.secondProfileOid().orElse("-") + " | ");
        }
        long rows = document.lines()
                .filter(line -> line.matches("\\| [A-Z_]+ \\| [0-9.]+ \\|.*"))
                .count();
        assertThat(rows).isEqualTo(RatlsOid.values().length);
        assertThat(document).contains(CertificateProfile.DEFAULT_ARC);
        assertThat(Arrays.stream(RatlsOid.values()).map(RatlsOid::oid)).doesNotHaveDuplicates();
    }

    @Test
    void everyKindOfCollateralHasANumber() throws Exception {
        io.ebridge.attest.Collateral.Builder all = io.ebridge.attest.Collateral.builder();
        for (io.ebridge.attest.Collateral.Kind kind : io.ebridge.attest.Collateral.Kind.values()) {
            all.add(kind, new byte[] {(byte) kind.ordinal()});
        }
        Evidence evidence = Evidence.of(EvidenceFormat.SGX, new byte[100]).withCollateral(all.build());
        Answer answer = new Answer(
                Role.SERVER, true, Bytes.of(new byte[32]), SERVICE, new Answer.Quote(evidence, 1, 0, List.of()));
        assertThat(Answer.decode(answer.encode(true))).isEqualTo(answer);
    }
}
