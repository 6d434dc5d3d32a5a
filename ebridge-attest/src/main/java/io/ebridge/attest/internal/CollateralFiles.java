package io.ebridge.attest.internal;

import io.ebridge.attest.Collateral;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Reads collateral from the file system, by content. */
public final class CollateralFiles {

    private static final int MAX_DEPTH = 4;
    private static final long MAX_TOTAL_BYTES = 64L << 20;

    private CollateralFiles() {}

    public static Collateral read(Path path) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(path, MAX_DEPTH)) {
            files = walk.filter(Files::isRegularFile)
                    .limit(Collateral.MAX_PIECES + 1L)
                    .sorted()
                    .toList();
        }
        if (files.size() > Collateral.MAX_PIECES) {
            throw new IllegalArgumentException("more than " + Collateral.MAX_PIECES + " files under " + path);
        }
        Collateral.Builder collateral = Collateral.builder();
        long total = 0;
        for (Path file : files) {
            long size = Files.size(file);
            if (size > 0 && size <= Collateral.MAX_PIECE_BYTES) {
                total += size;
                if (total > MAX_TOTAL_BYTES) {
                    throw new IllegalArgumentException("more than " + MAX_TOTAL_BYTES + " bytes under " + path);
                }
                try (InputStream in = Files.newInputStream(file)) {
                    // Bounded even if the file grows meanwhile.
                    CollateralSorter.sort(in.readNBytes(Collateral.MAX_PIECE_BYTES), collateral);
                }
            }
        }
        return collateral.build();
    }
}
