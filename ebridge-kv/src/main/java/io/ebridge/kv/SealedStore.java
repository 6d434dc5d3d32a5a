package io.ebridge.kv;

import io.ebridge.kv.internal.Engine;
import io.ebridge.kv.internal.Salvager;
import io.ebridge.kv.internal.Secret;
import io.ebridge.kv.spi.HostStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A key-value store whose records lie with a host that is not trusted.
 *
 * <p><strong>Guaranteed.</strong> A read returns the value last written, or says that there is none, or throws; the {@link Tier}
 * says which old answers of the host are noticed. A batch is written wholly or not at all. A write acknowledged as
 * {@link Durability#DURABLE} survives a kill of either side at any instruction; of the writes acknowledged as
 * {@link Durability#VOLATILE} at most the newest are lost. A bad record closes its namespace ({@linkplain #status() quarantine})
 * and no other.
 *
 * <p><strong>Not guaranteed.</strong> That the host answers at all. That the host does not see how many records there are, how long
 * they are (unless padded), which namespace number they belong to, when they expire, and when each is read and written. That two
 * enclaves are kept from running one store below {@link Tier#ROLLBACK_SAFE}.
 *
 * <p>Safe for use by any number of threads; writes of concurrent callers share commits. Calls block while the host works, for as
 * long as its own timeouts allow. Every method may throw a {@link SealedStoreException}, and {@link IllegalStateException} after
 * {@link #close}. Limits: keys of 1 to 65,535 bytes, values up to {@link StoreOptions#maxValueBytes}, 4,096 namespaces, 2^22 starts,
 * 2^40 writes in each.
 */
public final class SealedStore implements AutoCloseable {

    private final Engine engine;
    private final StoreOptions options;
    private @Nullable BoundedExecutor ownExecutor;

    private SealedStore(Engine engine, StoreOptions options) {
        this.engine = engine;
        this.options = options;
    }

    /**
     * Creates a store that does not exist yet.
     *
     * @param host where its records will lie; the store does not close it
     * @param key the root of its keys; not kept, and not closed
     * @param options how it is used
     * @return the open store
     * @throws IllegalStateException if there is a store already
     * @throws RollbackException if the counter says that there was one
     * @throws InterruptedException if interrupted while waiting for the counter's lease
     */
    public static SealedStore create(HostStore host, SealingKey key, StoreOptions options) throws InterruptedException {
        return start(host, key, options, true, false);
    }

    /**
     * Opens a store. At {@link Tier#LIVE_FRESH} and above this reads the heads of all records once (about 300,000 a second
     * embedded).
     *
     * @param host where its records lie; the store does not close it
     * @param key the root of its keys; not kept, and not closed
     * @param options how it is used; name and tier as when it was created
     * @return the open store; if some namespaces are damaged they are in quarantine
     * @throws MissingException if there is none; never taken as a reason to start afresh
     * @throws TamperedException if its manifests are not authentic under this key
     * @throws RollbackException if the host offers an old copy
     * @throws ForkedException if another instance has it open, or it has another history than the counter
     * @throws UnsupportedFormatException if a newer release wrote it
     * @throws IllegalStateException if it is of another tier
     * @throws InterruptedException if interrupted while waiting for the counter's lease
     */
    public static SealedStore open(HostStore host, SealingKey key, StoreOptions options) throws InterruptedException {
        return start(host, key, options, false, true);
    }

    /**
     * Opens a store, or creates it if it never existed. At {@link Tier#ROLLBACK_SAFE} only, where the counter knows which of the two
     * it is: anywhere else a host that hides the store would make the enclave start afresh.
     *
     * @param host where its records lie; the store does not close it
     * @param key the root of its keys; not kept, and not closed
     * @param options how it is used
     * @return the open store
     * @throws IllegalArgumentException below {@link Tier#ROLLBACK_SAFE}
     * @throws InterruptedException if interrupted while waiting for the counter's lease
     */
    public static SealedStore openOrCreate(HostStore host, SealingKey key, StoreOptions options)
            throws InterruptedException {
        if (options.tier() != Tier.ROLLBACK_SAFE) {
            throw new IllegalArgumentException(
                    "only a counter can tell a first start from a hidden store: use create or open");
        }
        return start(host, key, options, true, true);
    }

    private static SealedStore start(HostStore host, SealingKey key, StoreOptions options, boolean create, boolean open)
            throws InterruptedException {
        byte[] root = key.copy();
        try {
            return new SealedStore(Engine.start(host, root, options, create, open), options);
        } finally {
            Secret.wipe(root);
        }
    }

    /**
     * Reads every record of a store without opening it, and says which are bad. Looks at authenticity, and at completeness where the
     * newest manifest allows it; cannot notice an old copy of the whole store. Changes nothing.
     *
     * @param host where its records lie; nobody may be writing
     * @param key the root of its keys
     * @param options name and tier of the store
     * @return what is wrong
     * @throws TamperedException if not even one manifest is authentic
     */
    public static VerifyReport inspect(HostStore host, SealingKey key, StoreOptions options) {
        byte[] root = key.copy();
        try {
            return Salvager.inspect(host, root, options);
        } finally {
            Secret.wipe(root);
        }
    }

    /**
     * Copies every record that opens from a damaged store into another one, and lists those that do not. <strong>Salvaged records
     * are authentic, not necessarily the newest</strong>: whoever damaged the store may also have put old records back. Also the
     * way to move a store to another tier, name or key.
     *
     * @param host where the damaged records lie; nobody may be writing
     * @param key the root of the damaged store's keys
     * @param options name and tier of the damaged store
     * @param target an open store that receives the records
     * @return what was copied and what was lost
     * @throws TamperedException if not even one manifest is authentic: the keys of records cannot be derived without one
     */
    public static SalvageReport salvage(HostStore host, SealingKey key, StoreOptions options, SealedStore target) {
        byte[] root = key.copy();
        try {
            return Salvager.salvage(host, root, options, target.engine);
        } finally {
            Secret.wipe(root);
        }
    }

    /**
     * A namespace: its records have keys of their own. It comes to exist with its first write.
     *
     * @param name 1 to 64 bytes of UTF-8
     * @return the namespace
     */
    public SealedNamespace namespace(String name) {
        return new SealedNamespace(this, engine, name);
    }

    /**
     * The namespaces that have ever been written to.
     *
     * @return their names, oldest first
     */
    public List<String> namespaces() {
        return engine.spaces();
    }

    /**
     * Writes a batch with the store's default durability.
     *
     * @param batch the writes and conditions
     * @return what became of it
     */
    public Conditional write(WriteBatch batch) {
        return write(batch, options.durability());
    }

    /**
     * Writes a batch.
     *
     * @param batch the writes and conditions
     * @param durability what the acknowledgement shall promise
     * @return what became of it
     * @throws FrozenTimeException if an operation has a time to live and there is no trusted time
     */
    public Conditional write(WriteBatch batch, Durability durability) {
        List<Engine.Write> writes = new ArrayList<>(batch.size());
        for (WriteBatch.Operation op : batch.operations()) {
            writes.add(new Engine.Write(
                    op.namespace(), op.key(), op.value(), engine.expiry(op.namespace(), op.timeToLive())));
        }
        List<Engine.Check> checks = new ArrayList<>();
        for (WriteBatch.Condition c : batch.conditions()) {
            checks.add(new Engine.Check(c.namespace(), c.key(), c.version()));
        }
        return engine.write(writes, checks, durability);
    }

    /**
     * {@link #write(WriteBatch, Durability)} without waiting. Batches in flight together share commits; their order is not defined.
     *
     * @param batch the writes and conditions; leave it and its arrays alone until the future is done
     * @param durability what the acknowledgement shall promise
     * @return a future of what became of it; fails with the exceptions of the call that waits
     * @throws java.util.concurrent.RejectedExecutionException if the executor takes no more
     */
    public CompletableFuture<Conditional> writeAsync(WriteBatch batch, Durability durability) {
        return async(() -> write(batch, durability));
    }

    <T extends @Nullable Object> CompletableFuture<T> async(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, executor());
    }

    /**
     * Makes everything durable that has been acknowledged as volatile.
     *
     * @return the acknowledgement
     */
    public Ack commit() {
        return engine.commit();
    }

    /**
     * Fixes what has been written so far for reading, while writing goes on. Costs a copy of each record overwritten while it is
     * open, which lies with the host. At most 1,024 at a time, and 2^20 such copies: beyond, writes that need another fail with a
     * {@link BackendException} until a snapshot is closed.
     *
     * @return the snapshot; close it
     */
    public StoreSnapshot snapshot() {
        return new StoreSnapshot(engine.snapshot());
    }

    /**
     * Begins a new key epoch: new records are sealed under new keys. Old ones are rewritten when they are next put, or by
     * {@link #sweep}. An epoch also ends by itself after 2^44 AES blocks; how old it may get (the design named 30 days) is the caller's to
     * decide, since a store need not have a source of trusted time.
     */
    public void rotate() {
        engine.rotate();
    }

    /**
     * Goes on with rewriting records of older epochs, and removes what has expired. Call until it is complete, at any pace; where it
     * has come to survives a restart.
     *
     * @param limit about how many records to look at, at least 1
     * @return how far it has come
     */
    public SweepProgress sweep(int limit) {
        return engine.sweep(limit);
    }

    /**
     * Reads everything and compares it with what the enclave knows, also for what should not be there. Writers may go on.
     *
     * @return what is wrong
     */
    public VerifyReport verify() {
        return engine.verify();
    }

    /**
     * Lifts the quarantine of a namespace, if the host now has every record that belongs to it and nothing else.
     *
     * @param namespace its name
     * @throws TamperedException if it is still not whole
     */
    public void readmit(String namespace) {
        engine.readmit(namespace);
    }

    /**
     * The state now.
     *
     * @return the state
     */
    public StoreStatus status() {
        return engine.status();
    }

    /** Where asynchronous calls run. */
    private synchronized Executor executor() {
        return options.executor().orElseGet(() -> {
            BoundedExecutor own = ownExecutor;
            if (own == null) {
                own = new BoundedExecutor(options.storeName());
                ownExecutor = own;
            }
            return own;
        });
    }

    StoreOptions options() {
        return options;
    }

    /**
     * Makes durable what was acknowledged as volatile, gives the counter's lease back and wipes the keys. Host store and counter
     * stay open. Idempotent.
     *
     * @throws SealedStoreException if the last commit failed; the store is closed nevertheless
     */
    @Override
    public void close() {
        BoundedExecutor own;
        synchronized (this) {
            own = ownExecutor;
            ownExecutor = null;
        }
        if (own != null) {
            own.close();
        }
        engine.close();
    }
}
