package io.ebridge.kv.postgres;

import io.ebridge.kv.spi.HostBatch;
import io.ebridge.kv.spi.HostEntry;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HostStore} in PostgreSQL (10 or later). Several stores share one table; each has a name.
 *
 * <p>A batch is one transaction. It begins by locking the store's row, so that a transaction whose client has gone ends before the
 * batch that is sent again begins, and can never come after it. {@code sync} is {@code synchronous_commit}: on, a commit is on the
 * server's disk (and on synchronous standbys, if the server has any); off, a crash of the server loses at most its newest
 * transactions, in order.
 *
 * <p>The schema is made and brought up to date when a store is opened: tables {@code ebridge_kv}, {@code ebridge_kv_store} and
 * {@code ebridge_kv_schema} in the connection's current schema. Statements run at most as long as the configured timeout. Values are
 * limited to 64 MiB here; the server takes up to 1 GiB.
 */
public final class PostgresHostStore implements HostStore {

    private static final int SCHEMA_VERSION = 1;
    private static final int PAGE_BYTES = 4 << 20;

    /** Migrations in order; the n-th takes the schema from version n to n + 1. */
    private static final List<List<String>> MIGRATIONS = List.of(List.of(
            "CREATE TABLE ebridge_kv_store (name text PRIMARY KEY, writes bigint NOT NULL)",
            "CREATE TABLE ebridge_kv (store text COLLATE \"C\" NOT NULL, k bytea NOT NULL, v bytea NOT NULL,"
                    + " PRIMARY KEY (store, k))",
            "ALTER TABLE ebridge_kv ALTER COLUMN v SET STORAGE EXTERNAL"));

    private final DataSource dataSource;
    private final String name;
    private final int timeoutSeconds;
    private volatile boolean closed;

    private PostgresHostStore(DataSource dataSource, String name, Duration timeout) {
        this.dataSource = dataSource;
        this.name = name;
        this.timeoutSeconds = (int) Math.max(1, timeout.toSeconds());
    }

    /**
     * Opens a store with a statement timeout of 30 s.
     *
     * @param dataSource where connections come from; not closed. Set connect and socket timeouts there.
     * @param name the store's name in the database
     * @return the store
     * @throws IOException if the database cannot be reached, or its schema is of a newer release
     */
    public static PostgresHostStore open(DataSource dataSource, String name) throws IOException {
        return open(dataSource, name, Duration.ofSeconds(30));
    }

    /**
     * Opens a store.
     *
     * @param dataSource where connections come from; not closed. Set connect and socket timeouts there.
     * @param name the store's name in the database
     * @param timeout how long a statement may take, at least a second
     * @return the store
     * @throws IOException if the database cannot be reached, or its schema is of a newer release
     */
    public static PostgresHostStore open(DataSource dataSource, String name, Duration timeout) throws IOException {
        PostgresHostStore store = new PostgresHostStore(dataSource, name, timeout);
        store.call(connection -> {
            migrate(connection);
            try (PreparedStatement s = store.prepare(
                    connection, "INSERT INTO ebridge_kv_store (name, writes) VALUES (?, 0) ON CONFLICT DO NOTHING")) {
                s.setString(1, name);
                s.executeUpdate();
            }
            return true;
        });
        return store;
    }

    private static void migrate(Connection connection) throws SQLException {
        try (Statement s = connection.createStatement()) {
            // Two hosts that start together must not migrate together.
            s.execute("SELECT pg_advisory_xact_lock(7309453275219681)");
            s.execute("CREATE TABLE IF NOT EXISTS ebridge_kv_schema (version int NOT NULL)");
            int version = 0;
            try (ResultSet r = s.executeQuery("SELECT max(version) FROM ebridge_kv_schema")) {
                if (r.next()) {
                    version = r.getInt(1);
                }
            }
            if (version > SCHEMA_VERSION) {
                throw new SQLException("the schema has version " + version + ", this release knows " + SCHEMA_VERSION);
            }
            for (int v = version; v < SCHEMA_VERSION; v++) {
                for (String statement : MIGRATIONS.get(v)) {
                    s.execute(statement);
                }
                s.execute("INSERT INTO ebridge_kv_schema (version) VALUES (" + (v + 1) + ")");
            }
        }
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public byte @Nullable [] get(byte[] key) throws IOException {
        return read(connection -> {
                    try (PreparedStatement s =
                            prepare(connection, "SELECT v FROM ebridge_kv WHERE store = ? AND k = ?")) {
                        s.setString(1, name);
                        s.setBytes(2, key);
                        try (ResultSet r = s.executeQuery()) {
                            return Optional.ofNullable(r.next() ? r.getBytes(1) : null);
                        }
                    }
                })
                .orElse(null);
    }

    @Override
    public List<byte @Nullable []> getAll(List<byte[]> keys) throws IOException {
        return read(connection -> {
            Array array = connection.createArrayOf("bytea", keys.toArray(new byte[0][]));
            Map<String, byte[]> found = new HashMap<>();
            try (PreparedStatement s =
                    prepare(connection, "SELECT k, v FROM ebridge_kv WHERE store = ? AND k = ANY (?)")) {
                s.setString(1, name);
                s.setArray(2, array);
                try (ResultSet r = s.executeQuery()) {
                    while (r.next()) {
                        found.put(text(r.getBytes(1)), r.getBytes(2));
                    }
                }
            } finally {
                array.free();
            }
            List<byte @Nullable []> values = new ArrayList<>(keys.size());
            for (byte[] key : keys) {
                values.add(found.get(text(key)));
            }
            return values;
        });
    }

    /** The server adds up the lengths, so that no more than wanted comes here. */
    @Override
    public List<byte @Nullable []> getSome(List<byte[]> keys, long maxBytes) throws IOException {
        return read(connection -> {
            Array array = connection.createArrayOf("bytea", keys.toArray(new byte[0][]));
            try (PreparedStatement s = prepare(
                    connection,
                    "SELECT v FROM (SELECT u.n, t.v, coalesce(sum(octet_length(t.v)) OVER (ORDER BY u.n ROWS BETWEEN"
                            + " UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before FROM unnest(?) WITH ORDINALITY AS"
                            + " u (k, n) LEFT JOIN ebridge_kv t ON t.store = ? AND t.k = u.k) AS s WHERE before < ?"
                            + " ORDER BY n")) {
                s.setArray(1, array);
                s.setString(2, name);
                s.setLong(3, maxBytes);
                List<byte @Nullable []> values = new ArrayList<>();
                try (ResultSet r = s.executeQuery()) {
                    while (r.next()) {
                        values.add(r.getBytes(1));
                    }
                }
                return values;
            } finally {
                array.free();
            }
        });
    }

    @Override
    public void write(HostBatch batch, boolean sync) throws IOException {
        List<byte[]> keys = new ArrayList<>();
        List<byte[]> values = new ArrayList<>();
        List<byte[]> gone = new ArrayList<>();
        for (HostBatch.Operation op : batch.operations()) {
            byte[] value = op.value();
            if (value == null) {
                gone.add(op.key());
            } else {
                keys.add(op.key());
                values.add(value);
            }
        }
        call(connection -> {
            try (Statement s = connection.createStatement()) {
                s.setQueryTimeout(timeoutSeconds);
                s.execute("SET LOCAL synchronous_commit = " + (sync ? "on" : "off"));
            }
            // Also gives a batch without any write something that its commit makes durable.
            try (PreparedStatement s =
                    prepare(connection, "UPDATE ebridge_kv_store SET writes = writes + 1 WHERE name = ?")) {
                s.setString(1, name);
                if (s.executeUpdate() != 1) {
                    throw new SQLException("the store's row has gone");
                }
            }
            if (!gone.isEmpty()) {
                arrays(connection, "DELETE FROM ebridge_kv WHERE store = ? AND k = ANY (?)", gone, null);
            }
            if (!keys.isEmpty()) {
                arrays(
                        connection,
                        "INSERT INTO ebridge_kv (store, k, v) SELECT ?, u.k, u.v FROM unnest(?, ?) AS u (k, v)"
                                + " ON CONFLICT (store, k) DO UPDATE SET v = EXCLUDED.v",
                        keys,
                        values);
            }
            return true;
        });
    }

    private void arrays(Connection connection, String sql, List<byte[]> first, @Nullable List<byte[]> second)
            throws SQLException {
        try (PreparedStatement s = prepare(connection, sql)) {
            s.setString(1, name);
            s.setArray(2, connection.createArrayOf("bytea", first.toArray(new byte[0][])));
            if (second != null) {
                s.setArray(3, connection.createArrayOf("bytea", second.toArray(new byte[0][])));
            }
            s.executeUpdate();
        }
    }

    @Override
    public List<HostEntry> scan(byte[] prefix, byte @Nullable [] after, int maxEntries, int maxValueBytes)
            throws IOException {
        byte[] end = successor(prefix);
        boolean later = after != null && Arrays.compareUnsigned(after, prefix) >= 0;
        // The server adds up the lengths: a page of the longest values must not come here as a whole to be cut then.
        String sql = "SELECT k, substring(v FROM 1 FOR ?) FROM (SELECT k, v, coalesce(sum(least(octet_length(v), ?))"
                + " OVER (ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before FROM (SELECT k, v"
                + " FROM ebridge_kv WHERE store = ? AND k " + (later ? ">" : ">=") + " ?"
                + (end == null ? "" : " AND k < ?") + " ORDER BY k LIMIT ?) AS t) AS s WHERE before <= ? ORDER BY k";
        return read(connection -> {
            try (PreparedStatement s = prepare(connection, sql)) {
                int i = 1;
                s.setInt(i++, maxValueBytes);
                s.setInt(i++, maxValueBytes);
                s.setString(i++, name);
                s.setBytes(i++, later ? after : prefix);
                if (end != null) {
                    s.setBytes(i++, end);
                }
                s.setInt(i++, maxEntries);
                s.setInt(i, PAGE_BYTES);
                List<HostEntry> page = new ArrayList<>();
                try (ResultSet r = s.executeQuery()) {
                    while (r.next()) {
                        page.add(new HostEntry(r.getBytes(1), r.getBytes(2)));
                    }
                }
                return page;
            }
        });
    }

    /** The smallest key greater than everything with the prefix; null if there is none. */
    static byte @Nullable [] successor(byte[] prefix) {
        int length = prefix.length;
        while (length > 0 && prefix[length - 1] == (byte) 0xff) {
            length--;
        }
        if (length == 0) {
            return null;
        }
        byte[] next = Arrays.copyOf(prefix, length);
        next[length - 1]++;
        return next;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setQueryTimeout(timeoutSeconds);
        return statement;
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private <T> T read(Work<T> work) throws IOException {
        check();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(true);
            return work.on(connection);
        } catch (SQLException e) {
            throw new IOException("PostgreSQL: " + e.getMessage(), e);
        }
    }

    private <T> T call(Work<T> work) throws IOException {
        check();
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            boolean ok = false;
            try {
                T result = work.on(connection);
                connection.commit();
                ok = true;
                return result;
            } finally {
                if (!ok) {
                    rollback(connection);
                }
                if (!connection.isClosed()) {
                    connection.setAutoCommit(true);
                }
            }
        } catch (SQLException e) {
            throw new IOException("PostgreSQL: " + e.getMessage(), e);
        }
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            System.getLogger("io.ebridge.kv").log(System.Logger.Level.DEBUG, "rollback failed", e);
        }
    }

    private void check() throws IOException {
        if (closed) {
            throw new IOException("the store is closed");
        }
    }

    /** Refuses further calls; the data source stays open. */
    @Override
    public void close() {
        closed = true;
    }
}
