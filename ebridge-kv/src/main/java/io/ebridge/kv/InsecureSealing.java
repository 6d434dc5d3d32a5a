package io.ebridge.kv;

import io.ebridge.kv.internal.Hkdf;
import java.util.Objects;

/**
 * A provider for tests and for a developer's machine: keys come from a seed that anybody may know. <strong>Protects
 * nothing.</strong>
 */
public final class InsecureSealing implements SealingProvider {

    private final byte[] seed;

    private InsecureSealing(byte[] seed) {
        this.seed = seed;
    }

    /**
     * A provider whose keys depend on the seed, the policy and the label only.
     *
     * @param seed any text
     * @return the provider
     */
    public static InsecureSealing fromSeed(String seed) {
        return new InsecureSealing(Hkdf.extract(Hkdf.info("ebridge-kv/1 insecure"), Hkdf.utf8(seed)));
    }

    @Override
    public String name() {
        return "insecure";
    }

    @Override
    public SealingKey sealingKey(SealingPolicy policy, String label) {
        Objects.requireNonNull(policy, "policy");
        return SealingKey.derive(seed, policy + "/" + label);
    }
}
