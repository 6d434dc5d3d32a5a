package io.ebridge.ratls.strict;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Evidence;
import io.ebridge.attest.EvidenceProvider;
import io.ebridge.attest.EvidenceUnavailableException;
import io.ebridge.ratls.AttestedTlsException;
import io.ebridge.ratls.AttestedTlsException.Reason;
import io.ebridge.ratls.merkle.MerkleTree;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;

/**
 * Makes one quote over the Merkle root of all bindings that wait, while the one before is still being made; so throughput does not depend on how long
 * a quote takes. The queue is bounded: what does not fit fails at once.
 */
public final class BatchQuoter implements AutoCloseable {

    private record Waiting(byte[] leaf, CompletableFuture<Answer.Quote> quote) {}

    private final EvidenceProvider provider;
    private final ArrayBlockingQueue<Waiting> queue;
    private final int batch;
    private final Thread worker;
    private volatile boolean closed;

    public BatchQuoter(EvidenceProvider provider, int waiting, int batch) {
        if (waiting < 1 || waiting > Answer.MAX_BATCH || batch < 1 || batch > waiting) {
            throw new IllegalArgumentException("batches of " + batch + " from a queue of " + waiting);
        }
        this.provider = provider;
        this.queue = new ArrayBlockingQueue<>(waiting);
        this.batch = batch;
        this.worker = new Thread(this::run, "ebridge-ratls-quoter");
        worker.setDaemon(true);
        worker.start();
    }

    public CompletableFuture<Answer.Quote> quote(byte[] binding) {
        CompletableFuture<Answer.Quote> future = new CompletableFuture<>();
        if (closed) {
            future.completeExceptionally(closedException());
        } else if (!queue.offer(new Waiting(Binding.leaf(binding), future))) {
            future.completeExceptionally(
                    new AttestedTlsException(Reason.OVERLOADED, queue.size() + " connections wait for evidence"));
        } else if (closed) {
            // Lost the race with close(), which has emptied the queue already.
            future.completeExceptionally(closedException());
        }
        return future;
    }

    private void run() {
        List<Waiting> taken = new ArrayList<>();
        while (!closed) {
            try {
                taken.add(queue.take());
            } catch (InterruptedException e) {
                // Only close() interrupts this thread.
                continue;
            }
            queue.drainTo(taken, batch - 1);
            taken.removeIf(waiting -> waiting.quote.isDone());
            if (!taken.isEmpty()) {
                serve(List.copyOf(taken));
            }
            taken.clear();
        }
        drain();
    }

    private void serve(List<Waiting> waiting) {
        MerkleTree tree = new MerkleTree(waiting.stream().map(Waiting::leaf).toList());
        Evidence evidence;
        try {
            evidence = provider.quote(Binding.reportData(waiting.size(), tree.root()), null);
        } catch (EvidenceUnavailableException | RuntimeException e) {
            AttestedTlsException failure =
                    new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
            waiting.forEach(w -> w.quote.completeExceptionally(failure));
            return;
        }
        for (int i = 0; i < waiting.size(); i++) {
            List<Bytes> path = tree.path(i).stream().map(Bytes::of).toList();
            waiting.get(i).quote.complete(new Answer.Quote(evidence, waiting.size(), i, path));
        }
    }

    private void drain() {
        List<Waiting> left = new ArrayList<>();
        queue.drainTo(left);
        left.forEach(w -> w.quote.completeExceptionally(closedException()));
    }

    private static AttestedTlsException closedException() {
        return new AttestedTlsException(Reason.EVIDENCE_UNAVAILABLE, "the identity is closed");
    }

    @Override
    public void close() {
        closed = true;
        worker.interrupt();
        drain();
    }
}
