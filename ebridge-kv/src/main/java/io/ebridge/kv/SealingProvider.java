package io.ebridge.kv;

/**
 * Where sealing keys come from: the platform's key derivation, a KMS that attests the caller, a vault. Implementations give the
 * <em>same</em> key at every start to code that satisfies the policy, and fail if they cannot; none ever makes up a new key in
 * place of one that it cannot obtain.
 *
 * <p>Implementations may do I/O and may block for as long as their own configured timeout.
 */
public interface SealingProvider {

    /**
     * The provider's name, for logs.
     *
     * @return a short name
     */
    String name();

    /**
     * Obtains the key.
     *
     * @param policy to whom the key is given; required, there is no default
     * @param label what the key is for; different labels give independent keys
     * @return the key; the caller closes it
     * @throws SealingException if the key cannot be obtained, or the provider does not know this kind of policy
     */
    SealingKey sealingKey(SealingPolicy policy, String label);
}
