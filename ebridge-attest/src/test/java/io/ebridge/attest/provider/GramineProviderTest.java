package io.ebridge.attest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GramineProviderTest {

    /** Behaves as Gramine does: one report data for the process, the quote made at the moment of reading. */
    private static class Gramine extends PlayedFiles {
        private volatile byte[] reportData = new byte[64];

        Gramine() {
            file("attestation_type", "dcap\n");
            files.put("user_report_data", () -> reportData);
            files.put("quote", this::quote);
        }

        byte[] quote() throws IOException {
            byte[] quote = new byte[1024];
            quote[0] = 3;
            System.arraycopy(reportData, 0, quote, 48 + 320, 64);
            return quote;
        }

        @Override
        public void write(String name, byte[] content) throws IOException {
            super.write(name, content);
            if (!name.equals("user_report_data") || content.length > 64) {
                throw new IOException("EINVAL");
            }
            reportData = content.clone();
        }
    }

    private static EvidenceRequest request(int fill) {
        byte[] data = new byte[64];
        Arrays.fill(data, (byte) fill);
        return EvidenceRequest.of(data);
    }

    private static EvidenceUnavailableException failure(GramineProvider provider) {
        return catchThrowableOfType(EvidenceUnavailableException.class, () -> provider.quote(request(1)));
    }

    @Test
    void reportDataIsWrittenBeforeTheQuoteIsOpened() throws Exception {
        Gramine gramine = new Gramine();
        GramineProvider provider = GramineProvider.of(gramine);
        assertThat(provider.available().available()).isTrue();
        gramine.calls.clear();
        Evidence evidence = provider.quote(request(7));
        assertThat(evidence.format()).isEqualTo(EvidenceFormat.SGX);
        assertThat(evidence.bytes().slice(368, 64)).isEqualTo(request(7).reportData());
        assertThat(gramine.calls).containsExactly("write user_report_data", "read quote");
    }

    @Test
    void manyThreadsGetEachTheirOwnQuote() throws Exception {
        Gramine gramine = new Gramine();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                int fill = i;
                // Separate providers share the process's one report data all the same.
                GramineProvider provider = GramineProvider.of(gramine);
                all.add(threads.submit(() -> provider.quote(request(fill))
                        .bytes()
                        .slice(368, 64)
                        .equals(request(fill).reportData())));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS)).isTrue();
            }
            for (int i = 0; i < gramine.calls.size(); i += 2) {
                assertThat(gramine.calls.get(i)).isEqualTo("write user_report_data");
                assertThat(gramine.calls.get(i + 1)).isEqualTo("read quote");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anotherWriterOfTheProcessIsOutwaitedOrReported() throws Exception {
        int[] disturbances = {2};
        Gramine gramine = new Gramine() {
            @Override
            byte[] quote() throws IOException {
                byte[] quote = super.quote();
                if (disturbances[0]-- > 0) {
                    quote[368] ^= 1;
                }
                return quote;
            }
        };
        assertThat(GramineProvider.of(gramine).quote(request(1)).bytes().slice(368, 64))
                .isEqualTo(request(1).reportData());
        disturbances[0] = 1000;
        assertThat(failure(GramineProvider.of(gramine)).reason()).isEqualTo(Reason.CONTENDED);
    }

    @Test
    void aTurnThatDoesNotComeIsReported() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Gramine slow = new Gramine() {
            @Override
            byte[] quote() throws IOException {
                inside.countDown();
                try {
                    leave.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.quote();
            }
        };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Evidence> first =
                    thread.submit(() -> GramineProvider.of(slow).quote(request(2)));
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(failure(GramineProvider.of(new Gramine()).withTimeout(Duration.ofMillis(20)))
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
        Gramine none = new Gramine();
        none.file("attestation_type", "none\n");
        assertThat(GramineProvider.of(none).available().reason()).contains("\"none\"", "sgx.remote_attestation");
        assertThat(GramineProvider.create().available().reason()).contains("does not run in Gramine");
        assertThat(failure(GramineProvider.create()).reason()).isEqualTo(Reason.NO_DEVICE);
        Gramine torn = new Gramine();
        torn.files.remove("quote");
        assertThat(GramineProvider.of(torn).available().reason()).contains("quote is missing");
        assertThat(failure(GramineProvider.of(torn)).reason()).isEqualTo(Reason.DEVICE_REFUSED);
    }

    @Test
    void anAnswerThatIsNoQuoteIsReported() {
        Gramine gramine = new Gramine();
        gramine.file("quote", "");
        assertThat(failure(GramineProvider.of(gramine)).reason()).isEqualTo(Reason.BAD_ANSWER);
        gramine.files.put("quote", () -> new byte[65 * 1024]);
        assertThat(failure(GramineProvider.of(gramine)).reason()).isEqualTo(Reason.DEVICE_REFUSED);
    }
}
