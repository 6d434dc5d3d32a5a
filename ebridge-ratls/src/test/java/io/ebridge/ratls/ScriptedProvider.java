package io.ebridge.ratls;

import io.ebridge.attest.Availability;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceRequest;
import io.ebridge.attest.EvidenceUnavailableException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An enclave that can be held up and broken, and remembers which threads asked it. */
final class ScriptedProvider implements EvidenceProvider {

    private final EvidenceProvider enclave;
    final List<String> threads = new CopyOnWriteArrayList<>();
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile boolean broken;

    ScriptedProvider(EvidenceProvider enclave) {
        this.enclave = enclave;
    }

    @Override
    public EvidenceFormat format() {
        return enclave.format();
    }

    @Override
    public Availability available() {
        return enclave.available();
    }

    @Override
    public Evidence quote(EvidenceRequest request) throws EvidenceUnavailableException {
        CountDownLatch shut = gate;
        threads.add(Thread.currentThread().getName());
        try {
            if (!shut.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("the gate stayed shut");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (broken) {
            throw new IllegalStateException("the quoting enclave is broken");
        }
        return enclave.quote(request);
    }
}
