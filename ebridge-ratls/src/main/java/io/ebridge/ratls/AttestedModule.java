package io.ebridge.ratls;

import java.util.Map;

/**
 * A part of a service that has configuration worth attesting, registered by {@link ServiceIdentity.Builder#module}.
 *
 * <p>Its leaves go into the configuration tree, its extensions into certificates of profiles that carry them. Names and OIDs of different modules must
 * not clash.
 */
public interface AttestedModule {

    /**
     * The module's name, for messages.
     *
     * @return a short name
     */
    String name();

    /**
     * Its configuration.
     *
     * @return values by leaf name; only lengths and hashes are kept
     */
    Map<String, byte[]> configurationLeaves();

    /**
     * What it adds to certificates.
     *
     * @return extension values by dotted OID, all non-critical; none by default
     */
    default Map<String, byte[]> certificateExtensions() {
        return Map.of();
    }
}
