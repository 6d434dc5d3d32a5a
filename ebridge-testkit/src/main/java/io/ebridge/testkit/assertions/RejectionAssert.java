package io.ebridge.testkit.assertions;

import io.ebridge.attest.EvidenceRejectedException;
import io.ebridge.attest.RejectionReason;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on an {@link EvidenceRejectedException}. */
public final class RejectionAssert extends AbstractAssert<RejectionAssert, EvidenceRejectedException> {
    RejectionAssert(@Nullable EvidenceRejectedException actual) {
        super(actual, RejectionAssert.class);
    }

    /**
     * Says for which check it was rejected.
     *
     * @param reason the check
     * @return this
     */
    public RejectionAssert hasReason(RejectionReason reason) {
        isNotNull();
        if (actual.reason() != reason) {
            failWithActualExpectedAndMessage(
                    actual.reason(),
                    reason,
                    "Expected a rejection for %s, but it was for %s: %s",
                    reason,
                    actual.reason(),
                    actual.getMessage());
        }
        return this;
    }

    /**
     * Says which part of a result the check belongs to.
     *
     * @param aspect the part
     * @return this
     */
    public RejectionAssert concerns(RejectionReason.Aspect aspect) {
        isNotNull();
        if (actual.reason().aspect() != aspect) {
            failWithMessage(
                    "Expected a rejection that concerns %s, but %s concerns %s",
                    aspect, actual.reason(), actual.reason().aspect());
        }
        return this;
    }

    /**
     * Says what the message for operators mentions.
     *
     * @param text part of the message
     * @return this
     */
    public RejectionAssert mentions(String text) {
        isNotNull();
        String message = actual.getMessage();
        if (message == null || !message.contains(text)) {
            failWithMessage("Expected a message that mentions \"%s\", but it is: %s", text, message);
        }
        return this;
    }
}
