package io.ebridge.attest.http;

import io.ebridge.attest.Bytes;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralRequest;
import io.ebridge.attest.CollateralRequest.Amd.SigningKey;
import io.ebridge.attest.EvidenceFormat;
import io.ebridge.attest.snp.SnpProduct;
import io.ebridge.attest.snp.SnpTcb;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where the vendors' services have what. Sources: Intel SGX and TDX Provisioning Certification Service API, version 4; AMD
 * 57230 (VCEK certificate and KDS interface), section 4.
 *
 * @param pcs the base of Intel's service or of a cache (PCCS) in front of it, without a slash at the end
 * @param rootCrl where Intel's root CA has its revocation list
 * @param kds the base of AMD's service or of a cache in front of it
 * @param query what to add to requests for TCB info and identities, such as {@code update=early}; empty for nothing
 */
record Addresses(String pcs, String rootCrl, String kds, String query) {

    /**
     * One document.
     *
     * @param kind what it is
     * @param chainKind what the chain in its header is, or null if there is none
     * @param chainHeaders the header's names, the current one first
     * @param uri where it is
     */
    record Wanted(Kind kind, @Nullable Kind chainKind, List<String> chainHeaders, URI uri) {}

    List<Wanted> intel(CollateralRequest.Intel request) {
        String sgx = pcs + "/sgx/certification/v4";
        String base = request.format() == EvidenceFormat.TDX ? pcs + "/tdx/certification/v4" : sgx;
        String ca = request.ca().name().toLowerCase(Locale.ROOT);
        String more = query.isEmpty() ? "" : "&" + query;
        String only = query.isEmpty() ? "" : "?" + query;
        return List.of(
                new Wanted(
                        Kind.TCB_INFO,
                        Kind.TCB_INFO_CHAIN,
                        List.of("TCB-Info-Issuer-Chain", "SGX-TCB-Info-Issuer-Chain"),
                        URI.create(base + "/tcb?fmspc=" + request.fmspc().hex() + more)),
                new Wanted(
                        Kind.QE_IDENTITY,
                        Kind.QE_IDENTITY_CHAIN,
                        List.of("SGX-Enclave-Identity-Issuer-Chain"),
                        URI.create(base + "/qe/identity" + only)),
                new Wanted(
                        Kind.PCK_CRL,
                        Kind.PCK_CRL_CHAIN,
                        List.of("SGX-PCK-CRL-Issuer-Chain"),
                        URI.create(sgx + "/pckcrl?ca=" + ca + "&encoding=der")),
                new Wanted(Kind.ROOT_CA_CRL, null, List.of(), URI.create(rootCrl)));
    }

    /** The lines to try in turn. */
    static List<SnpProduct> products(CollateralRequest.Amd request) {
        return SnpProduct.ofName(request.product()).map(List::of).orElse(List.of(SnpProduct.MILAN, SnpProduct.GENOA));
    }

    /** Issuers and revocation list of a line; and the key's own certificate, if the service gives it to anybody. */
    List<Wanted> amd(CollateralRequest.Amd request, SnpProduct product) {
        boolean vlek = request.key() == SigningKey.VLEK;
        String base = kds + (vlek ? "/vlek/v1/" : "/vcek/v1/") + product.line();
        List<Wanted> result = new ArrayList<>();
        // A loaded key's certificate is the provider's to hand out, and a masked chip cannot be asked for.
        if (!vlek && !request.chipId().isZero()) {
            result.add(new Wanted(
                    Kind.VCEK,
                    null,
                    List.of(),
                    URI.create(base + "/" + vcek(product, request.chipId(), request.reportedTcb()))));
        }
        result.add(new Wanted(vlek ? Kind.ASVK : Kind.ASK, null, List.of(), URI.create(base + "/cert_chain")));
        result.add(new Wanted(Kind.AMD_CRL, null, List.of(), URI.create(base + "/crl")));
        return result;
    }

    private static String vcek(SnpProduct product, Bytes chipId, Bytes reportedTcb) {
        SnpTcb tcb = SnpTcb.read(product, reportedTcb);
        boolean turin = product == SnpProduct.TURIN;
        return String.format(
                "%s?%sblSPL=%02d&teeSPL=%02d&snpSPL=%02d&ucodeSPL=%02d",
                (turin ? chipId.slice(0, 8) : chipId).hex(),
                turin ? String.format("fmcSPL=%02d&", tcb.fmc()) : "",
                tcb.bootloader(),
                tcb.tee(),
                tcb.snp(),
                tcb.microcode());
    }
}
