package io.ebridge.attest.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.ebridge.attest.Bytes;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.CollateralRequest.Intel.PckCa;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.http.Addresses.Wanted;
import io.ebridge.attest.http.HttpFetcher.Reply;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.vectors.Vectors;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a service answers, in body and header, is collateral or a typed error. */
class AnswersFuzzTest {

    private static final List<Wanted> WANTED = wanted();

    private static List<Wanted> wanted() {
        Addresses addresses = new Addresses("http://pcs", "http://pcs/root", "http://kds", "");
        List<Wanted> all = new ArrayList<>(addresses.intel(
                new CollateralRequest.Intel(EvidenceFormat.TDX, Bytes.of(new byte[6]), PckCa.PLATFORM)));
        byte[] chip = new byte[64];
        chip[0] = 1;
        all.addAll(addresses.amd(
                new CollateralRequest.Amd("Turin", SigningKey.VCEK, Bytes.of(chip), Bytes.of(new byte[8])),
                SnpProduct.TURIN));
        return all;
    }

    static Stream<Arguments> seeds() {
        return Stream.concat(
                Stream.of(Arguments.of((Object) "{\"nextUpdate\":\"2030-01-01T00:00:00Z\"}".getBytes())),
                Stream.concat(Vectors.seeds("snp"), Vectors.seeds("tdx"))
                        .filter(bytes -> bytes.length < 20_000)
                        .map(bytes -> Arguments.of((Object) bytes)));
    }

    @MethodSource("seeds")
    @FuzzTest
    void answer(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        for (Wanted wanted : WANTED) {
            Map<String, List<String>> headers = wanted.chainHeaders().isEmpty()
                    ? Map.of()
                    : Map.of(wanted.chainHeaders().get(0), List.of(text));
            try {
                assertThat(Answers.read(wanted, new Reply(input, HttpHeaders.of(headers, (name, value) -> true)))
                                .value())
                        .isNotNull();
            } catch (FetchException e) {
                assertThat(e.kind()).isEqualTo(FetchException.Kind.UNUSABLE);
            }
        }
    }
}
