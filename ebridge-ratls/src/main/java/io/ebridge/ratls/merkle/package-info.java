/** The one Merkle tree that configurations and batches of quotes share. */
package io.ebridge.ratls.merkle;
