package io.ebridge.kv;

import java.util.Objects;

/**
 * To whom a sealing key is given. There is no default: the choice between "exactly this code" and "anything this vendor signs" is
 * the most consequential one of a sealed store.
 */
public sealed interface SealingPolicy {

    /**
     * Exactly this code on this platform. An update of the enclave cannot open what the version before it sealed.
     *
     * @return the policy
     */
    static SealingPolicy measurement() {
        return new Measurement();
    }

    /**
     * Any code by the same signer, of at least a security version. Whoever holds the signing key can read the data.
     *
     * @param minimumSvn the lowest security version, 0 to 65535
     * @return the policy
     */
    static SealingPolicy signer(int minimumSvn) {
        return new Signer(minimumSvn);
    }

    /**
     * Whoever an external service (a KMS, a vault) releases the key to.
     *
     * @param policyName what that service calls its policy or key
     * @return the policy
     */
    static SealingPolicy external(String policyName) {
        return new External(policyName);
    }

    /** Exactly this code. */
    record Measurement() implements SealingPolicy {}

    /**
     * Any code by this signer.
     *
     * @param minimumSvn the lowest security version, 0 to 65535
     */
    record Signer(int minimumSvn) implements SealingPolicy {
        /**
         * Checks the range.
         *
         * @param minimumSvn the lowest security version, 0 to 65535
         */
        public Signer {
            if (minimumSvn < 0 || minimumSvn > 0xffff) {
                throw new IllegalArgumentException("security version " + minimumSvn + " is not in 0..65535");
            }
        }
    }

    /**
     * Whoever an external service releases the key to.
     *
     * @param policyName what that service calls its policy or key
     */
    record External(String policyName) implements SealingPolicy {
        /**
         * Checks that there is a name.
         *
         * @param policyName what that service calls its policy or key
         */
        public External {
            if (Objects.requireNonNull(policyName).isBlank()) {
                throw new IllegalArgumentException("an external policy needs a name");
            }
        }
    }
}
