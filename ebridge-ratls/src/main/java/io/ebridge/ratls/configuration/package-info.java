/**
 * What a service is configured with, as one hash that evidence can carry and a client can audit.
 *
 * <p>{@link io.ebridge.ratls.configuration.ConfigurationTree} commits to named values by a Merkle tree in the manner of RFC 6962. Its
 * {@link io.ebridge.ratls.configuration.ConfigurationManifest} lets a client recompute the root, an
 * {@link io.ebridge.ratls.configuration.InclusionProof} shows a single leaf. {@link io.ebridge.ratls.configuration.FlatRoot} is the older, flat form
 * that Enclave OS certificates carry.
 *
 * <pre>{@code
 * ConfigurationTree tree = ConfigurationTree.builder().put("app.limits", json).build();
 * ConfigurationManifest manifest = ConfigurationManifest.decode(bytesFromTheService);
 * manifest.requireRoot(peer.configurationRoot().orElseThrow());
 * manifest.requireValue("app.limits", json);
 * }</pre>
 */
package io.ebridge.ratls.configuration;
