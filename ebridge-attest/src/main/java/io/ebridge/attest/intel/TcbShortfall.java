package io.ebridge.attest.intel;

/**
 * One number that keeps a part of the TCB from the best state that its document knows: what an operator has to raise.
 *
 * @param part which part: {@code platform}, {@code TDX_01}, {@code QE} …
 * @param component which number of it: {@code sgx[1] SGX Late Microcode Update (OS/VMM)}, {@code pcesvn}, {@code isvsvn} …
 * @param actual what the evidence has
 * @param required the least that the closest level in the best state asks for
 */
public record TcbShortfall(String part, String component, int actual, int required) {

    /** {@code platform sgx[1]: has 6, needs 7}. */
    @Override
    public String toString() {
        return part + " " + component + ": has " + actual + ", needs " + required;
    }
}
