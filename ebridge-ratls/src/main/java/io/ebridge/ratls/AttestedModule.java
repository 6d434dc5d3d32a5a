package io.ebridge.ratls;

import java.util.Map;

/**
 * A part of a service that has configuration worth attesting, registered by {@link ServiceIdentity.Builder#module}.
 *
 * <p>Its leaves go into the configuration tree, its extensions into certificates of profiles that carry them. Names, leaves and OIDs of different modules
 * must not clash. A module is asked once, when it is registered; what has changed is told by {@link ServiceIdentity#replaceModule}.
 */
public interface AttestedModule {

    /**
     * The module's name.
     *
     * @return a short name that no other module of the identity has
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
