package io.ebridge.attest.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** Whatever is written reads back, and every cut of it is refused. */
class CborPropertyTest {

    @Property(tries = 500)
    void integersReadBack(@ForAll long value) throws CborException {
        CborReader reader = CborReader.of(new CborWriter().integer(value).toByteArray());
        assertThat(reader.readInteger()).isEqualTo(value);
        reader.end();
    }

    @Property(tries = 300)
    void mapsReadBackAndCutsAreRefused(
            @ForAll @Size(max = 6) Map<@StringLength(max = 30) String, byte @Size(max = 300) []> map)
            throws CborException {
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
