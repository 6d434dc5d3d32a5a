/**
 * Metrics of a bridge for Micrometer, which is an optional dependency: whoever uses this package brings it.
 *
 * <pre>{@code
 * HostBridge.builder()
 *         ...
 *         .listener(new BridgeMetrics(registry))
 *         .start();
 * }</pre>
 */
package io.ebridge.tunnel.micrometer;
