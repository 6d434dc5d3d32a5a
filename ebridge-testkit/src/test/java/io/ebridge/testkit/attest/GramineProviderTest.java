package io.ebridge.testkit.attest;

import static io.ebridge.testkit.assertions.AttestationAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import io.ebridge.attest.provider.GramineProvider;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The provider on files that behave as Gramine's do, and those files themselves. */
@Timeout(60)
class GramineProviderTest {
    private static final int REPORT_DATA_AT = 48 + 320;

    private final FakeQuotingEnclave sgx = Fixtures.at(FakeSgx.standard());
    private final FakeGramine gramine = new FakeGramine(sgx);
    private final GramineProvider provider = GramineProvider.of(gramine.root());

    private static EvidenceUnavailableException failure(GramineProvider provider) {
        return catchThrowableOfType(
                EvidenceUnavailableException.class, () -> provider.quote(Fixtures.reportData(), null));
    }

    @Test
    void reportDataIsWrittenBeforeTheQuoteIsOpened() throws Exception {
        assertThat(provider.available().available()).isTrue();
        assertThat(provider.quote(Fixtures.reportData(), null))
                .isAcceptedBy(sgx.verifier(), sgx.policy().withReportData(Fixtures.reportData()));
        assertThat(gramine.operations()).containsExactly("write user_report_data", "open quote");
    }

    @Test
    void manyThreadsGetEachTheirOwnQuote() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Evidence>> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                byte[] data = new byte[64];
                data[5] = (byte) i;
                // Separate providers share the process's one report data all the same.
                all.add(threads.submit(() -> GramineProvider.of(gramine.root())
                        .withTimeout(Duration.ofSeconds(40))
                        .quote(data, null)));
            }
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get(50, TimeUnit.SECONDS).bytes().toByteArray()[REPORT_DATA_AT + 5])
                        .isEqualTo((byte) i);
            }
        } finally {
            threads.shutdownNow();
        }
        for (int i = 0; i < gramine.operations().size(); i += 2) {
            assertThat(gramine.operations().subList(i, i + 2)).containsExactly("write user_report_data", "open quote");
        }
    }

    @Test
    void anotherWriterOfTheProcessIsOutwaitedOrReported() throws Exception {
        gramine.disturb(2);
        assertThat(provider.quote(Fixtures.reportData(), null))
                .isAcceptedBy(sgx.verifier(), sgx.policy().withReportData(Fixtures.reportData()));
        gramine.disturb(1000);
        assertThat(failure(provider).reason()).isEqualTo(Reason.CONTENDED);
    }

    @Test
    void aTurnThatDoesNotComeIsReported() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        gramine.alter(quote -> {
            inside.countDown();
            try {
                leave.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return quote;
        });
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Evidence> first = thread.submit(() -> provider.quote(Fixtures.reportData(), null));
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            Path other = new FakeGramine(sgx).root();
            assertThat(failure(GramineProvider.of(other).withTimeout(Duration.ofMillis(20)))
                            .reason())
                    .isEqualTo(Reason.INTERRUPTED);
            leave.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS)).isNotNull();
        } finally {
            leave.countDown();
            thread.shutdownNow();
        }
    }

    @Test
    void whatIsMissingIsSaid() {
        gramine.attestationType("none");
        assertThat(provider.available().reason()).contains("\"none\"", "sgx.remote_attestation");
        gramine.attestationType("dcap");
        gramine.tear();
        assertThat(provider.available().reason()).contains("quote is missing");
        assertThat(failure(provider).reason()).isEqualTo(Reason.DEVICE_REFUSED);
    }

    @Test
    void anAnswerThatIsNoQuoteIsReported() {
        gramine.alter(quote -> new byte[0]);
        assertThat(failure(provider).reason()).isEqualTo(Reason.BAD_ANSWER);
        gramine.alter(quote -> new byte[65 * 1024]);
        assertThat(failure(provider).reason()).isEqualTo(Reason.DEVICE_REFUSED);
        gramine.alter(quote -> quote);
        gramine.refuse(true);
        assertThat(failure(provider).reason()).isEqualTo(Reason.DEVICE_REFUSED);
    }

    // ---- the files themselves

    @Test
    void filesBehaveAsGraminesDo() throws Exception {
        Path root = gramine.root();
        assertThat(root).isDirectory();
        assertThat(root.resolve("attestation_type")).hasContent("dcap");
        byte[] before = Files.readAllBytes(root.resolve("quote"));
        Files.write(root.resolve("user_report_data"), new byte[] {7});
        byte[] after = Files.readAllBytes(root.resolve("quote"));

        assertThat(before[REPORT_DATA_AT]).isZero();
        assertThat(after[REPORT_DATA_AT]).isEqualTo((byte) 7);
        assertThat(Files.readAllBytes(root.resolve("user_report_data"))).hasSize(64);
        assertThatThrownBy(() -> Files.write(root.resolve("user_report_data"), new byte[65]))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Files.write(root.resolve("quote"), new byte[1]))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.write(root.resolve("nothing"), new byte[1]))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.createDirectory(root.resolve("new"))).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> Files.delete(root.resolve("quote"))).isInstanceOf(AccessDeniedException.class);
    }

    @Test
    void aQuoteIsOverWhatWasWrittenWhenItWasOpened() throws Exception {
        Path root = gramine.root();
        try (var in = Files.newInputStream(root.resolve("quote"))) {
            Files.write(root.resolve("user_report_data"), new byte[] {7});
            assertThat(in.readAllBytes()[REPORT_DATA_AT]).isZero();
        }
    }

    @Test
    void enclavesOfOtherFormatsHaveNoSuchFiles() {
        assertThatThrownBy(() -> new FakeGramine(FakeQuotingEnclave.tdx()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
