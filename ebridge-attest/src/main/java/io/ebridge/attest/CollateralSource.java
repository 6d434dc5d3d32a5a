package io.ebridge.attest;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a verifier looks for collateral. Thread-safe; called on the thread that verifies, so an implementation that waits
 * has its own deadline.
 *
 * <p>A source need not be trusted for integrity: everything is signed by the vendor. It is trusted for being current, within
 * the windows that the vendor signed and what a policy demands (evaluation number, age).
 */
@FunctionalInterface
public interface CollateralSource {

    /**
     * Finds collateral. More than was asked for may be returned; the verifier chooses by content.
     *
     * @param request what is needed
     * @return what was found; {@link Collateral#none()} if nothing
     * @throws CollateralUnavailableException if the source could not be asked
     */
    Collateral find(CollateralRequest request) throws CollateralUnavailableException;

    /**
     * A source that has nothing: evidence brings its own collateral, or is rejected for want of it.
     *
     * @return the empty source
     */
    static CollateralSource none() {
        return request -> Collateral.none();
    }

    /**
     * A source that always offers one bag.
     *
     * @param collateral the bag
     * @return the source
     */
    static CollateralSource inMemory(Collateral collateral) {
        return request -> collateral;
    }

    /**
     * Reads a file, or all regular files of a directory and of its sub-directories to a depth of four, once, now, and finds
     * the pieces by content; file names do not matter.
     *
     * @param path a file or directory
     * @return the source
     * @throws IOException if reading fails
     * @throws IllegalArgumentException if there are more than {@link Collateral#MAX_PIECES} pieces; files above
     *     {@link Collateral#MAX_PIECE_BYTES} are left out
     */
    static CollateralSource files(Path path) throws IOException {
        return inMemory(io.ebridge.attest.internal.CollateralFiles.read(path));
    }

    /**
     * Asks this source, then the other one, and offers what both have, pieces of this source first.
     *
     * @param other the other source
     * @return both together
     */
    default CollateralSource and(CollateralSource other) {
        return request -> find(request).plus(other.find(request));
    }
}
