package io.ebridge.kv.internal;

import io.ebridge.kv.BackendException;
import io.ebridge.kv.ForkedException;
import io.ebridge.kv.TamperedException;
import io.ebridge.kv.spi.HostStore;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The two manifest slots as the host offers them. */
record Slots(
        @Nullable Manifest newest,
        byte @Nullable [] newestSealed,
        @Nullable Manifest other,
        byte @Nullable [] otherSealed,
        int present) {

    static Slots read(HostStore host, ManifestCodec codec, CryptoUnit.Pool pool) {
        Manifest[] manifests = new Manifest[2];
        byte[][] sealed = new byte[2][];
        int present = 0;
        CryptoUnit unit = pool.take();
        try {
            for (int slot = 0; slot < 2; slot++) {
                byte[] bytes = host.get(ManifestCodec.slotKey(slot));
                if (bytes != null) {
                    present++;
                    sealed[slot] = bytes;
                    manifests[slot] = codec.open(unit, bytes, slot);
                }
            }
        } catch (IOException e) {
            throw new BackendException(false, "the manifests could not be read: " + e.getMessage(), e);
        } finally {
            pool.give(unit);
        }
        Manifest a = manifests[0];
        Manifest b = manifests[1];
        int newest = a == null ? 1 : b == null ? 0 : a.sequence() > b.sequence() ? 0 : 1;
        return new Slots(manifests[newest], sealed[newest], manifests[1 - newest], sealed[1 - newest], present);
    }

    /** Insists on an unbroken chain: both slots authentic and consecutive, or one slot if there has been one manifest only. */
    void check() {
        if (present == 0) {
            return;
        }
        if (newest == null || newestSealed == null) {
            throw new TamperedException(null, "no manifest on the host is authentic", null);
        }
        if (newest.sequence() == 1 && present == 1) {
            return;
        }
        if (other == null || otherSealed == null) {
            throw new TamperedException(
                    null,
                    present == 2 ? "one of the two manifests is not authentic" : "one of the two manifests is missing",
                    null);
        }
        if (newest.sequence() != other.sequence() + 1
                || !Arrays.equals(newest.previous(), ManifestCodec.hash(otherSealed))) {
            throw new ForkedException(
                    null, "manifest " + newest.sequence() + " does not follow manifest " + other.sequence(), null);
        }
    }
}
