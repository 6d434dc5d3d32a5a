/** TDX evidence: policies, results and the parsed evidence. */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.tdx;
