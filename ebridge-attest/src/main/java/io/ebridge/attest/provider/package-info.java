/**
 * The attester's side: evidence from the devices and pseudo-files of each platform.
 *
 * <pre>{@code
 * EvidenceProvider provider = NitroProvider.create();
 * Availability here = provider.available();
 * if (!here.available()) {
 *     throw new IllegalStateException(here.reason());
 * }
 * Evidence evidence = provider.quote(EvidenceRequest.of(reportData).withNonce(nonce));
 * }</pre>
 *
 * <p>{@link io.ebridge.attest.provider.NitroProvider} asks the Nitro Secure Module,
 * {@link io.ebridge.attest.provider.GramineProvider} the library OS Gramine for SGX quotes, and
 * {@link io.ebridge.attest.provider.ConfigfsTsmProvider} the Linux kernel for TDX quotes and SEV-SNP reports. Each takes
 * the device or the root of the files as an argument, so that tests need no hardware.
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.provider;
