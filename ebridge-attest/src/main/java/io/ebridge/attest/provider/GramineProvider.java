package io.ebridge.attest.provider;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.attest.EvidenceUnavailableException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * SGX quotes inside Gramine, through its pseudo-files under {@code /dev/attestation}.
 *
 * <p>Guaranteed: a quote that this returns carries the report data that was asked for. Gramine has one report data for
 * the whole process, so all providers of this class take turns under one lock, and the quote's report data is compared
 * with what was written; other code of the process that writes there at the same time is found out and outwaited, a few
 * times. Not guaranteed: that the quote verifies; give it to a verifier.
 *
 * <p>The nonce and the public key of a request have no field in a quote and are left out: hash them into the report data.
 *
 * <p>Source: Gramine documentation, "Attestation and Secret Provisioning", low-level interface: write
 * {@code user_report_data} (64 bytes, one write), then open and read {@code quote}. Thread-safe.
 */
public final class GramineProvider implements EvidenceProvider {

    private static final ReentrantLock PROCESS = new ReentrantLock();
    private static final int ATTEMPTS = 3;
    private static final int QUOTE_LIMIT = 64 * 1024;
    /** Header of 48 bytes, then REPORT_DATA at 320 of the report body (Intel SGX ECDSA QuoteLib reference, quote version 3). */
    private static final int REPORT_DATA_AT = 48 + 320;

    private final DeviceFiles files;
    private final Duration wait;

    private GramineProvider(DeviceFiles files, Duration wait) {
        this.files = files;
        this.wait = wait;
    }

    /**
     * The provider at {@code /dev/attestation}, waiting up to ten seconds for its turn.
     *
     * @return the provider
     */
    public static GramineProvider create() {
        return of(Path.of("/dev/attestation"));
    }

    /**
     * A provider at another directory, of the default or any other file system.
     *
     * @param root the directory where {@code attestation_type}, {@code user_report_data} and {@code quote} are
     * @return the provider
     */
    public static GramineProvider of(Path root) {
        return new GramineProvider(new DeviceFiles(root), Duration.ofSeconds(10));
    }

    /**
     * The same provider with another limit on the wait for its turn.
     *
     * @param limit the longest wait
     * @return a copy
     */
    public GramineProvider withTimeout(Duration limit) {
        return new GramineProvider(files, Objects.requireNonNull(limit, "limit"));
    }

    @Override
    public EvidenceFormat format() {
        return EvidenceFormat.SGX;
    }

    @Override
    public Availability available() {
        if (!files.exists("")) {
            return Availability.no("there is no " + files + ": this process does not run in Gramine");
        }
        try {
            String type = new String(files.read("attestation_type", 64), StandardCharsets.US_ASCII).strip();
            if (!type.equals("dcap")) {
                return Availability.no("Gramine says attestation type \"" + type
                        + "\"; set sgx.remote_attestation = \"dcap\" in the manifest");
            }
        } catch (IOException e) {
            return Availability.no("attestation_type under " + files + " cannot be read: " + e.getMessage());
        }
        if (!files.exists("user_report_data") || !files.exists("quote")) {
            return Availability.no("user_report_data or quote is missing under " + files);
        }
        return Availability.yes();
    }

    @Override
    public Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException {
        byte[] wanted = request.reportData().toByteArray();
        try {
            if (!PROCESS.tryLock(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new EvidenceUnavailableException(
                        Reason.INTERRUPTED, "other threads held Gramine's report data for " + wait, null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EvidenceUnavailableException(Reason.INTERRUPTED, "interrupted while waiting for a turn", e);
        }
        try {
            for (int i = 0; i < ATTEMPTS; i++) {
                byte[] quote = once(wanted);
                if (Arrays.equals(quote, REPORT_DATA_AT, REPORT_DATA_AT + wanted.length, wanted, 0, wanted.length)) {
                    return Evidence.of(EvidenceFormat.SGX, quote);
                }
            }
        } finally {
            PROCESS.unlock();
        }
        throw new EvidenceUnavailableException(
                Reason.CONTENDED, "the quote carried other report data than was written, " + ATTEMPTS + " times", null);
    }

    private byte[] once(byte[] reportData) throws EvidenceUnavailableException {
        if (!files.exists("user_report_data")) {
            throw new EvidenceUnavailableException(Reason.NO_DEVICE, available().reason(), null);
        }
        byte[] quote;
        try {
            files.write("user_report_data", reportData);
            // The quote is made when the file is opened, so this order matters.
            quote = files.read("quote", QUOTE_LIMIT);
        } catch (IOException e) {
            throw new EvidenceUnavailableException(
                    Reason.DEVICE_REFUSED, "Gramine made no quote; is the quoting enclave reachable?", e);
        }
        if (quote.length < REPORT_DATA_AT + reportData.length) {
            throw new EvidenceUnavailableException(
                    Reason.BAD_ANSWER, "Gramine answered with " + quote.length + " bytes, too few for a quote", null);
        }
        return quote;
    }
}
