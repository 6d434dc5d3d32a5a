/**
 * What a sealed store asks of its surroundings: a {@link io.ebridge.kv.spi.HostStore} that keeps bytes and is not trusted, and for
 * the highest tier a {@link io.ebridge.kv.spi.MonotonicCounter} that is trusted not to go back.
 *
 * <p>A backend is a map of byte strings with atomic batches. Wrapping one is all it takes to add metrics or faults:
 *
 * <pre>{@code
 * final class CountingStore implements HostStore {
 *     private final HostStore inner;
 *     private final LongAdder reads = new LongAdder();
 *
 *     public byte[] get(byte[] key) throws IOException {
 *         reads.increment();
 *         return inner.get(key);
 *     }
 *     // getAll, write, scan, durable, close: likewise
 * }
 * }</pre>
 */
package io.ebridge.kv.spi;
