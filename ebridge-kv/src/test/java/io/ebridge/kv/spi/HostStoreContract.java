package io.ebridge.kv.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every host store does. */
@Timeout(120)
public abstract class HostStoreContract {

    protected HostStore store;

    protected abstract HostStore open() throws Exception;

    @BeforeEach
    public void start() throws Exception {
        store = open();
    }

    @AfterEach
    public void stop() {
        if (store != null) {
            store.close();
        }
    }

    private static byte[] b(int... bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = (byte) bytes[i];
        }
        return out;
    }

    @Test
    public void behavesLikeASortedMap() throws Exception {
        Random random = new Random(5);
        TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        for (int round = 0; round < 60; round++) {
            HostBatch batch = new HostBatch();
            TreeMap<byte[], byte[]> seen = new TreeMap<>(Arrays::compareUnsigned);
            for (int i = random.nextInt(30); i >= 0; i--) {
                byte[] key = new byte[1 + random.nextInt(3)];
                random.nextBytes(key);
                key[0] = (byte) (random.nextBoolean() ? 0xff : random.nextInt(3));
                if (seen.put(key, key) != null) {
                    continue;
                }
                if (random.nextInt(4) == 0) {
                    batch.delete(key);
                    model.remove(key);
                } else {
                    byte[] value = new byte[random.nextInt(200)];
                    random.nextBytes(value);
                    batch.put(key, value);
                    model.put(key, value);
                }
            }
            store.write(batch, random.nextInt(8) == 0);
            List<byte[]> keys = new ArrayList<>(seen.keySet());
            List<byte[]> values = store.getAll(keys);
            for (int i = 0; i < keys.size(); i++) {
                assertThat(values.get(i)).isEqualTo(model.get(keys.get(i)));
                assertThat(store.get(keys.get(i))).isEqualTo(model.get(keys.get(i)));
            }
        }
        for (byte[] prefix : List.of(new byte[0], b(0), b(1), b(0xff), b(0xff, 0xff), b(7))) {
            for (int size : new int[] {1, 7, 65_536}) {
                assertScan(model, prefix, size);
            }
        }
        store.write(new HostBatch(), true);
        store.write(new HostBatch(), false);
    }

    private void assertScan(TreeMap<byte[], byte[]> model, byte[] prefix, int size) throws IOException {
        List<byte[]> expected = new ArrayList<>();
        for (byte[] key : model.keySet()) {
            if (key.length >= prefix.length && Arrays.equals(Arrays.copyOf(key, prefix.length), prefix)) {
                expected.add(key);
            }
        }
        List<byte[]> got = new ArrayList<>();
        byte[] after = null;
        while (true) {
            List<HostEntry> page = store.scan(prefix, after, size, 50);
            if (page.isEmpty()) {
                break;
            }
            assertThat(page).hasSizeLessThanOrEqualTo(size);
            for (HostEntry e : page) {
                byte[] whole = model.get(e.key());
                assertThat(e.value()).isEqualTo(Arrays.copyOf(whole, Math.min(50, whole.length)));
                got.add(e.key());
                after = e.key();
            }
        }
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i)).isEqualTo(expected.get(i));
        }
    }

    @Test
    public void takesLargeValuesAndManyKeys() throws Exception {
        byte[] large = new byte[20 << 20];
        new Random(1).nextBytes(large);
        store.write(new HostBatch().put(b(1), large).put(b(2), large), true);
        assertThat(store.get(b(2))).isEqualTo(large);
        assertThat(store.getAll(List.of(b(1), b(3), b(2)))).hasSize(3);
        assertThat(store.scan(new byte[0], null, 10, 5)).hasSize(2);
        // A page ends once it is large, however many entries were asked for.
        assertThat(store.scan(new byte[0], null, 10, HostStore.MAX_VALUE_BYTES)).hasSize(1);
        assertThat(store.scan(new byte[0], b(1), 10, HostStore.MAX_VALUE_BYTES))
                .hasSize(1)
                .allSatisfy(e -> assertThat(e.value()).isEqualTo(large));
        List<byte[]> keys = new ArrayList<>();
        HostBatch batch = new HostBatch();
        for (int i = 0; i < 20_000; i++) {
            byte[] key = b(9, i >> 16, i >> 8, i);
            keys.add(key);
            batch.put(key, key);
        }
        store.write(batch, false);
        List<byte[]> values = store.getAll(keys);
        for (int i = 0; i < keys.size(); i++) {
            assertThat(values.get(i)).isEqualTo(keys.get(i));
        }
    }

    @Test
    public void readsIntoArraysAndWritesPartsOfThem() throws Exception {
        byte[] buffer = new byte[1 << 17];
        new Random(3).nextBytes(buffer);
        int[] lengths = {0, 1, 99, 100, 101, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 100_000};
        // The memory of one batch is used again for the next.
        HostBatch batch = new HostBatch();
        for (int round = 0; round < 2; round++) {
            batch.clear();
            assertThat(batch.size()).isZero();
            assertThat(batch.bytes()).isZero();
            byte[] used = buffer.clone();
            for (int i = 0; i < lengths.length; i++) {
                batch.put(b(round, i), used, round + i, lengths[i]);
            }
            batch.put(b(7, round), used);
            batch.delete(b(8, round));
            store.write(batch, false);
            Arrays.fill(used, (byte) 0);
        }
        for (int round = 0; round < 2; round++) {
            byte[] into = new byte[100];
            for (int i = 0; i < lengths.length; i++) {
                byte[] expected = Arrays.copyOfRange(buffer, round + i, round + i + lengths[i]);
                assertThat(store.get(b(round, i))).isEqualTo(expected);
                Arrays.fill(into, (byte) 0x5A);
                assertThat(store.get(b(round, i), into)).isEqualTo(lengths[i]);
                if (lengths[i] <= into.length) {
                    assertThat(Arrays.copyOf(into, lengths[i])).isEqualTo(expected);
                }
            }
            assertThat(store.get(b(7, round))).isEqualTo(buffer);
            assertThat(store.get(b(8, round), into)).isEqualTo(-1);
        }
        byte[] key = b(1);
        assertThatThrownBy(() -> new HostBatch().put(key, buffer, buffer.length, 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new HostBatch().put(key, buffer, 0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new HostBatch().put(key, buffer, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** A reader says how much it can hold; it gets that and one value more at most, however many keys it names. */
    @Test
    public void readsNoMoreThanWantedAtATime() throws Exception {
        HostBatch batch = new HostBatch();
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            keys.add(b(7, i));
            if (i % 10 != 3) {
                batch.put(b(7, i), new byte[i < 20 ? i : 1 << 20]);
            }
        }
        store.write(batch, false);
        List<Integer> lengths = new ArrayList<>();
        int calls = 0;
        while (lengths.size() < keys.size()) {
            List<byte[]> some = store.getSome(keys.subList(lengths.size(), keys.size()), 3 << 20);
            long bytes = 0;
            for (byte[] value : some) {
                bytes += value == null ? 0 : value.length;
                lengths.add(value == null ? -1 : value.length);
            }
            assertThat(some).isNotEmpty();
            assertThat(bytes).isLessThanOrEqualTo(12 << 20);
            assertThat(++calls).isLessThan(20);
        }
        assertThat(calls).isGreaterThan(1);
        for (int i = 0; i < 40; i++) {
            assertThat(lengths.get(i)).as("" + i).isEqualTo(i % 10 == 3 ? -1 : i < 20 ? i : 1 << 20);
        }
        assertThat(store.getSome(keys, 1 << 30)).hasSizeGreaterThan(20);
    }

    @Test
    public void readsSomeHoweverTheyLieToEachOther() throws Exception {
        Random random = new Random(6);
        HostBatch batch = new HostBatch();
        TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < 300; i += 1 + random.nextInt(2)) {
            byte[] key = b(7, i >> 8, i);
            model.put(key, b(i, i >> 8));
            batch.put(key, model.get(key));
        }
        store.write(batch, false);
        for (int round = 0; round < 200; round++) {
            List<byte[]> keys = new ArrayList<>();
            int step = random.nextInt(30) - 8;
            for (int i = random.nextInt(330), n = 1 + random.nextInt(60); n > 0; n--) {
                keys.add(b(7, i >> 8, i));
                i = Math.floorMod(i + (step > 15 ? random.nextInt(330) : step), 330);
            }
            List<byte[]> read = new ArrayList<>();
            while (read.size() < keys.size()) {
                List<byte[]> some = store.getSome(keys.subList(read.size(), keys.size()), 1 + random.nextInt(100));
                assertThat(some).isNotEmpty();
                read.addAll(some);
            }
            for (int i = 0; i < keys.size(); i++) {
                assertThat(read.get(i)).isEqualTo(model.get(keys.get(i)));
            }
        }
    }

    @Test
    public void isAnExceptionAfterClose() {
        store.close();
        store.close();
        assertThatThrownBy(() -> store.get(b(1))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.get(b(1), b(1))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.getAll(List.of(b(1)))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.write(new HostBatch().put(b(1), b(1)), false))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> store.scan(b(1), null, 1, 1)).isInstanceOf(IOException.class);
    }
}
