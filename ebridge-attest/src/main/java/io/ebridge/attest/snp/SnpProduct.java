package io.ebridge.attest.snp;

import java.util.Optional;

/**
 * A line of AMD processors that shares one root key. Source: AMD 57230 (VCEK certificate and KDS interface), section 3;
 * CPUID ranges of AMD 56860 (SEV-SNP firmware ABI) as the report states them from version 3 on.
 */
public enum SnpProduct {
    /** Third generation EPYC. */
    MILAN("Milan"),
    /** Fourth generation EPYC, with Bergamo and Siena. */
    GENOA("Genoa"),
    /** Fifth generation EPYC. */
    TURIN("Turin");

    private final String line;

    SnpProduct(String line) {
        this.line = line;
    }

    /**
     * The name that AMD uses in certificates and addresses.
     *
     * @return {@code Milan}, {@code Genoa} or {@code Turin}
     */
    public String line() {
        return line;
    }

    /**
     * The product of a family and model, both with their extended parts added.
     *
     * @param family the family, 0 to 255
     * @param model the model, 0 to 255
     * @return the product, or empty for a processor that this library does not know
     */
    public static Optional<SnpProduct> ofCpuid(int family, int model) {
        if (family == 0x19) {
            if (model <= 0x0f) {
                return Optional.of(MILAN);
            }
            return model <= 0x1f || (model >= 0xa0 && model <= 0xaf) ? Optional.of(GENOA) : Optional.empty();
        }
        return family == 0x1a && model <= 0x11 ? Optional.of(TURIN) : Optional.empty();
    }

    /**
     * The product of a name: that of the line, alone or followed by a stepping such as {@code -B1}.
     *
     * @param name a name as certificates have it
     * @return the product, or empty for another name
     */
    public static Optional<SnpProduct> ofName(String name) {
        for (SnpProduct product : values()) {
            if (name.equals(product.line) || name.matches(product.line + "-[A-Z][0-9]")) {
                return Optional.of(product);
            }
        }
        return Optional.empty();
    }
}
