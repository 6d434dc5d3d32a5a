package io.ebridge.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.vsock.Cid;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

class PeerLogTest {
    private final List<String> lines = new ArrayList<>();
    private long now = -5;

    private final PeerLog log = new PeerLog(
            new Logger() {
                @Override
                public String getName() {
                    return "test";
                }

                @Override
                public boolean isLoggable(Level level) {
                    return true;
                }

                @Override
                public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
                    lines.add(message);
                }

                @Override
                public void log(Level level, ResourceBundle bundle, String format, Object... params) {
                    lines.add(format);
                }
            },
            () -> now);

    private void flood(Cid cid, int times) {
        for (int i = 0; i < times; i++) {
            log.log(Level.WARNING, cid, cid.value() + " again {0}");
        }
    }

    @Test
    void aFloodIsAFewLinesAndANumber() {
        flood(Cid.of(16), 1000);
        assertThat(lines).hasSize(PeerLog.LINES).allMatch("16 again {0}"::equals);
        now += PeerLog.MINUTE - 1;
        log.report(false);
        assertThat(lines).hasSize(PeerLog.LINES);
        now++;
        log.report(false);
        assertThat(lines).hasSize(PeerLog.LINES + 1).last().isEqualTo("990 more messages about CID 16 were not logged");
        log.report(true);
        assertThat(lines).hasSize(PeerLog.LINES + 1);
    }

    @Test
    void onePeerDoesNotSilenceAnother() {
        flood(Cid.of(16), 50);
        flood(Cid.of(17), 1);
        assertThat(lines).last().isEqualTo("17 again {0}");
    }

    @Test
    void theNextMinuteHasRoomAgainAndTellsOfTheLast() {
        flood(Cid.ANY, PeerLog.LINES + 2);
        now += PeerLog.MINUTE;
        flood(Cid.ANY, 1);
        assertThat(lines)
                .hasSize(PeerLog.LINES + 2)
                .contains("2 more messages about CIDs that are not accepted were not logged");
    }

    @Test
    void theEndTellsWhatIsLeft() {
        flood(Cid.of(16), PeerLog.LINES + 3);
        log.report(true);
        assertThat(lines).last().isEqualTo("3 more messages about CID 16 were not logged");
    }
}
