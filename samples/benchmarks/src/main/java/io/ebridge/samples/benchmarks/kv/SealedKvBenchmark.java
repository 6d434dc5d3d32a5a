package io.ebridge.samples.benchmarks.kv;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Sealed against plain, side by side in one run, one thread, 100-byte keys and 1 KiB values, records per second.
 *
 * <p>{@code plain embedded} is RocksDB's own Java interface; {@code plain remote} and {@code plain postgres} are the same binding or
 * backend without sealing. Writes go to the log and are not synced, except {@code putSync} and by {@code -p commitMillis=200}, which
 * syncs all stores in the background as a sealed one does by default. {@code -jvmArgsAppend -Djava.io.tmpdir=/dev/shm} takes the
 * machine's disk out of the comparison. For PostgreSQL:
 * {@code -p where=postgres -jvmArgsAppend -Dbenchmarks.pg.url=jdbc:postgresql://…}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms2g", "-Xmx2g", "-XX:+UseParallelGC"})
public class SealedKvBenchmark {

    @Param({"plain", "s0", "s1", "s2"})
    public String store;

    @Param({"embedded", "remote"})
    public String where;

    /** How often unsynced writes are synced in the background, in milliseconds; 0 for never. A sealed store's own default is 200. */
    @Param("0")
    public long commitMillis;

    private Measured measured;

    @Setup
    public void fill() throws Exception {
        measured = new Measured(store, where, Duration.ofMillis(commitMillis));
    }

    @TearDown
    public void empty() throws Exception {
        measured.close();
    }

    @Benchmark
    public byte[] getHot() throws Exception {
        return measured.kv.get(measured.anyKey());
    }

    @Benchmark
    public void put() throws Exception {
        measured.kv.put(measured.anyKey(), measured.value, false);
    }

    @Benchmark
    public void putSync() throws Exception {
        measured.kv.put(measured.anyKey(), measured.value, true);
    }

    @Benchmark
    @OperationsPerInvocation(Measured.BATCH)
    public void batch100() throws Exception {
        measured.kv.batch(measured.someKeys(Measured.BATCH), measured.value);
    }

    @Benchmark
    @OperationsPerInvocation(50)
    public int getAll50() throws Exception {
        return measured.kv.getAll(measured.someKeys(50));
    }

    @Benchmark
    @OperationsPerInvocation(Measured.RECORDS)
    public long scan() throws Exception {
        return measured.kv.scan();
    }
}
