package io.ebridge.testkit.attest;

import io.ebridge.attest.Collateral;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Collateral before it is handed over: pieces by kind, open to changes. */
final class CollateralSpec {
    private final Map<Collateral.Kind, List<byte[]>> pieces = new EnumMap<>(Collateral.Kind.class);

    CollateralSpec put(Collateral.Kind kind, byte[]... values) {
        pieces.put(kind, new ArrayList<>(List.of(values)));
        return this;
    }

    CollateralSpec remove(Collateral.Kind kind) {
        pieces.remove(kind);
        return this;
    }

    byte[] one(Collateral.Kind kind) {
        return pieces.getOrDefault(kind, List.of()).get(0);
    }

    Collateral build() {
        Collateral.Builder b = Collateral.builder();
        pieces.forEach((kind, list) -> list.forEach(p -> b.add(kind, p)));
        return b.build();
    }
}
