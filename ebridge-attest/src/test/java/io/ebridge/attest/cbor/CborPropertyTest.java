package io.ebridge.attest.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import io.ebridge.draw.Draw;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever is written reads back, and every cut of it is refused. */
class CborPropertyTest {

    @Test
    void integersReadBack() {
        Draw.cases(500, draw -> integerReadsBack(draw.anyLong()));
    }

    private static void integerReadsBack(long value) throws CborException {
        CborReader reader = CborReader.of(new CborWriter().integer(value).toByteArray());
        assertThat(reader.readInteger()).isEqualTo(value);
        reader.end();
    }

    @Test
    void mapsReadBackAndCutsAreRefused() {
        Draw.cases(300, draw -> {
            Map<String, byte[]> map = new HashMap<>();
            for (int i = draw.between(0, 6); i > 0; i--) {
                map.put(draw.wholeText(30), draw.bytes(draw.between(0, 300)));
            }
            readsBackAndCutsAreRefused(map);
        });
    }

    private static void readsBackAndCutsAreRefused(Map<String, byte[]> map) throws CborException {
        CborWriter writer = new CborWriter().map(map.size());
        map.forEach((key, value) -> writer.text(key).bytes(value));
        byte[] whole = writer.toByteArray();
        CborReader reader = CborReader.of(whole);
        int count = reader.openMap(6);
        for (int i = 0; i < count; i++) {
            String key = reader.readText(200);
            assertThat(reader.readBytes(300)).isEqualTo(map.get(key));
        }
        reader.end();
        for (int cut = 0; cut < whole.length; cut += 1 + whole.length / 40) {
            CborReader part = CborReader.of(whole, 0, cut);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> part.skip(4))
                    .isInstanceOf(CborException.class);
        }
    }
}
