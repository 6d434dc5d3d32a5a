package io.ebridge.attest.internal.dcap;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.json.JsonException;
import io.ebridge.attest.json.JsonValue.ObjectValue;
import java.util.Optional;

/**
 * What Intel says of a TDX module (TCB info version 3, {@code tdxModule} and {@code tdxModuleIdentities}).
 *
 * @param id {@code TDX_01} …; empty for {@code tdxModule}
 * @param mrSigner 48 bytes
 * @param attributes 8 bytes
 * @param attributesMask 8 bytes
 * @param levels states by version; empty for {@code tdxModule}
 */
record TdxModule(
        Optional<String> id, Bytes mrSigner, Bytes attributes, Bytes attributesMask, Optional<IsvLevels> levels) {

    static TdxModule parse(ObjectValue module, boolean identity) throws JsonException {
        return new TdxModule(
                identity ? Optional.of(JsonFields.text(module.require("id"))) : Optional.empty(),
                JsonFields.hex(module.require("mrsigner"), 48),
                JsonFields.hex(module.require("attributes"), 8),
                JsonFields.hex(module.require("attributesMask"), 8),
                identity ? Optional.of(IsvLevels.parse(module.require("tcbLevels"))) : Optional.empty());
    }

    /** The id under which a module version is listed. */
    static String idOf(int version) {
        return "TDX_" + (version < 0x10 ? "0" : "")
                + Integer.toHexString(version).toUpperCase(java.util.Locale.ROOT);
    }
}
