/**
 * AWS Nitro Enclaves: attestation documents, what they may measure, and what image files will measure.
 *
 * <p>A document is a COSE_Sign1 (RFC 9052) over a CBOR map, signed with ES384 by a key whose certificate chain it carries; its
 * layout and checks follow <i>aws-nitro-enclaves-nsm-api, docs/attestation_process.md</i>, sections 2 and 3.
 */
@org.jspecify.annotations.NullMarked
package io.ebridge.attest.nitro;
