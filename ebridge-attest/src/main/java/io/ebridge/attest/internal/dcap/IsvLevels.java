package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.intel.TcbPart;
import io.ebridge.attest.intel.TcbShortfall;
import io.ebridge.attest.intel.TcbStatus;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * TCB levels by one security version: of a quoting enclave, or of a TDX module (PCS API version 4, enclave identity and TDX module
 * identities). Highest version first, whatever the document's order.
 */
record IsvLevels(List<Level> levels) {

    private static final EnumSet<TcbStatus> STATES =
            EnumSet.of(TcbStatus.UP_TO_DATE, TcbStatus.OUT_OF_DATE, TcbStatus.REVOKED);

    record Level(int isvSvn, Instant date, TcbStatus status, List<String> advisories) {}

    static IsvLevels parse(JsonValue array) throws JsonException {
        List<Level> levels = new ArrayList<>();
        for (JsonValue element : array.asArray()) {
            ObjectValue level = element.asObject();
            levels.add(new Level(
                    level.require("tcb").asObject().require("isvsvn").asInt(0, 0xFFFF),
                    JsonFields.instant(level.require("tcbDate")),
                    JsonFields.status(level.require("tcbStatus"), STATES),
                    JsonFields.advisories(level)));
        }
        levels.sort(Comparator.comparingInt(Level::isvSvn).reversed());
        return new IsvLevels(List.copyOf(levels));
    }

    /** The state of a version: that of the first level that it reaches. */
    TcbPart assess(String id, int isvSvn) {
        for (Level level : levels) {
            if (isvSvn >= level.isvSvn) {
                return new TcbPart(id, level.status, Optional.of(level.date), level.advisories, OptionalInt.of(isvSvn));
            }
        }
        return new TcbPart(id, TcbStatus.NOT_SUPPORTED, Optional.empty(), List.of(), OptionalInt.of(isvSvn));
    }

    /** What keeps a version from being up to date: the lowest level that is. */
    Optional<TcbShortfall> shortfall(TcbPart part) {
        int actual = part.isvSvn().orElse(0);
        return levels.stream()
                .filter(level -> level.status == TcbStatus.UP_TO_DATE)
                .reduce((higher, lower) -> lower)
                .filter(level -> part.status() != TcbStatus.UP_TO_DATE && level.isvSvn > actual)
                .map(level -> new TcbShortfall(part.id(), "isvsvn", actual, level.isvSvn));
    }
}
