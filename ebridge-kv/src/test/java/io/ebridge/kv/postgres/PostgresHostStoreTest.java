package io.ebridge.kv.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ebridge.kv.Ack;
import io.ebridge.kv.BackendException;
import io.ebridge.kv.Durability;
import io.ebridge.kv.InsecureSealing;
import io.ebridge.kv.SealedNamespace;
import io.ebridge.kv.SealedStore;
import io.ebridge.kv.SealingKey;
import io.ebridge.kv.SealingPolicy;
import io.ebridge.kv.StoreOptions;
import io.ebridge.kv.WriteBatch;
import io.ebridge.kv.spi.HostStore;
import io.ebridge.kv.spi.HostStoreContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Against a real server; skipped where none is installed. */
class PostgresHostStoreTest extends HostStoreContract {

    private static PostgresServer server;
    private static final AtomicInteger NAMES = new AtomicInteger();

    @BeforeAll
    static void startServer() throws Exception {
        server = PostgresServer.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected HostStore open() throws Exception {
        return PostgresHostStore.open(server.dataSource(), "store-" + NAMES.incrementAndGet());
    }

    @Test
    void aSchemaOfANewerReleaseIsRefused() throws Exception {
        try (Connection c = server.dataSource().getConnection();
                Statement s = c.createStatement()) {
            c.setAutoCommit(true);
            s.execute("INSERT INTO ebridge_kv_schema (version) VALUES (99)");
            assertThatThrownBy(() -> PostgresHostStore.open(server.dataSource(), "x"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("99");
            s.execute("DELETE FROM ebridge_kv_schema WHERE version = 99");
        }
    }

    @Test
    void successorsOfPrefixes() {
        assertThat(PostgresHostStore.successor(new byte[] {1, (byte) 0xff})).isEqualTo(new byte[] {2});
        assertThat(PostgresHostStore.successor(new byte[] {(byte) 0xff})).isNull();
        assertThat(PostgresHostStore.successor(new byte[0])).isNull();
    }

    /** The server is killed and restarted in the middle of batches, several times. */
    @Test
    void batchesStayWholeWhenTheServerCrashes() throws Exception {
        SealingKey key = InsecureSealing.fromSeed("pg").sealingKey(SealingPolicy.measurement(), "pg");
        StoreOptions options =
                StoreOptions.builder("pg").commitInterval(Duration.ZERO).build();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger attempted = new AtomicInteger();
        AtomicInteger acknowledged = new AtomicInteger();
        try (SealedStore sealed = SealedStore.create(store, key, options)) {
            SealedNamespace n = sealed.namespace("n");
            n.put(key(0), value(0));
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                while (!stop.get()) {
                    int round = attempted.incrementAndGet();
                    WriteBatch batch = new WriteBatch();
                    for (int i = 0; i < 50; i++) {
                        batch.put("n", key(i), value(round));
                    }
                    try {
                        Ack ack = sealed.write(batch, Durability.DURABLE).orThrow();
                        assertThat(ack.durability()).isEqualTo(Durability.DURABLE);
                        acknowledged.set(round);
                    } catch (BackendException e) {
                        pause();
                    }
                }
            });
            for (int crash = 0; crash < 2; crash++) {
                int before = acknowledged.get();
                await(() -> acknowledged.get() > before + 5);
                server.crash();
                server.launch();
            }
            int before = acknowledged.get();
            await(() -> acknowledged.get() > before + 2);
            stop.set(true);
            writer.get(30, TimeUnit.SECONDS);
            sealed.verify().orThrow();
        }
        try (SealedStore sealed = SealedStore.open(store, key, options)) {
            int first = ByteBuffer.wrap(sealed.namespace("n").get(key(0))).getInt();
            assertThat(first).isGreaterThanOrEqualTo(acknowledged.get());
            for (int i = 0; i < 50; i++) {
                assertThat(ByteBuffer.wrap(sealed.namespace("n").get(key(i))).getInt())
                        .isEqualTo(first);
            }
        }
    }

    private interface Check {
        boolean done();
    }

    private static void await(Check check) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        while (!check.done()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }

    private static void pause() {
        try {
            new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] key(int i) {
        return ByteBuffer.allocate(4).putInt(i).array();
    }

    private static byte[] value(int round) {
        return ByteBuffer.allocate(300).putInt(round).array();
    }
}
