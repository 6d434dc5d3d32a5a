package io.ebridge.testkit.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.ebridge.attest.Collateral;
import io.ebridge.attest.Collateral.Kind;
import io.ebridge.attest.CollateralSource;
import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.EvidenceVerifier;
import io.ebridge.attest.RejectionReason;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A verifier that trusts two roots of one vendor lets neither speak of the other's platforms. */
class TwoRootsTest {

    private final FakeQuotingEnclave one = Fixtures.at(FakeTdx.standard());
    private final FakeQuotingEnclave other = Fixtures.at(FakeTdx.standard()).seed(2);

    private EvidenceVerifier verifier(CollateralSource source) {
        return EvidenceVerifier.builder()
                .trustAnchors(one.trustAnchors().plus(other.trustAnchors()))
                .collateral(source)
                .clock(Fixtures.CLOCK)
                .build();
    }

    /** The collateral of one, with some kinds of the other's. */
    private Collateral mixed(Set<Kind> foreign) {
        Collateral.Builder mixed = Collateral.builder();
        for (Kind kind : one.collateral().kinds()) {
            FakeQuotingEnclave from = foreign.contains(kind) ? other : one;
            from.collateral().pieces(kind).forEach(piece -> mixed.add(kind, piece.toByteArray()));
        }
        return mixed.build();
    }

    private RejectionReason rejection(Set<Kind> foreign) throws Exception {
        var evidence = one.quote(Fixtures.request(one.format()));
        return catchThrowableOfType(
                        EvidenceRejectedException.class, () -> verifier(CollateralSource.inMemory(mixed(foreign)))
                                .verify(evidence, one.policy()))
                .reason();
    }

    @Test
    void eachIsVerifiedByItsOwn() throws Exception {
        for (FakeQuotingEnclave fake : new FakeQuotingEnclave[] {one, other}) {
            assertThat(verifier(CollateralSource.inMemory(fake.collateral()))
                            .verify(fake.quote(Fixtures.request(fake.format())), fake.policy())
                            .authenticity()
                            .revocationChecked())
                    .isTrue();
        }
    }

    @Test
    void documentsOfTheOtherRootAreRefused() throws Exception {
        assertThat(rejection(Set.of(Kind.TCB_INFO, Kind.TCB_INFO_CHAIN))).isEqualTo(RejectionReason.TCB_INFO_SIGNER);
        assertThat(rejection(Set.of(Kind.QE_IDENTITY, Kind.QE_IDENTITY_CHAIN)))
                .isEqualTo(RejectionReason.QE_IDENTITY_SIGNER);
    }

    @Test
    void listsOfTheOtherRootAreRefused() throws Exception {
        assertThat(rejection(Set.of(Kind.ROOT_CA_CRL))).isEqualTo(RejectionReason.CRL_SIGNATURE);
        assertThat(rejection(Set.of(Kind.PCK_CRL))).isEqualTo(RejectionReason.CRL_SIGNATURE);
    }
}
