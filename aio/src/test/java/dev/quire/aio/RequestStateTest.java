package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class RequestStateTest {
    private static final long FREE = 41L << 32;
    private static final long BOTH = RequestState.begin(FREE);
    private static final int GENERATION = 42;

    @Test
    void shouldHoldBothSidesInANewGenerationWhenBegun() {
        assertThat(RequestState.generation(BOTH)).isEqualTo(GENERATION);
        assertThat(RequestState.isRunning(BOTH)).isTrue();
        assertThat(RequestState.isQuiet(BOTH)).isFalse();
        assertThat(RequestState.text(BOTH))
                .isEqualTo("generation 42, live, submit side, completion side");
    }

    @Test
    void shouldRefuseToBeginWhenLive() {
        assertThat(RequestState.begin(BOTH)).isEqualTo(RequestState.REFUSED);
    }

    // S2.2: whichever side lets go last, exactly one step makes the request quiet.
    @Test
    void shouldBeQuietOnlyAfterTheLastSideInEitherOrder() {
        long submittedFirst = RequestState.submitted(BOTH, GENERATION);
        assertThat(RequestState.isQuiet(submittedFirst)).isFalse();
        assertThat(RequestState.isQuiet(RequestState.finished(submittedFirst, GENERATION)))
                .isTrue();

        long finishedFirst = RequestState.finished(BOTH, GENERATION);
        assertThat(RequestState.isQuiet(finishedFirst)).isFalse();
        assertThat(RequestState.isRunning(finishedFirst)).isFalse();
        assertThat(RequestState.isQuiet(RequestState.submitted(finishedFirst, GENERATION)))
                .isTrue();
    }

    // S2: an extra completion is the bug of the thread; here it has no step to take.
    @Test
    void shouldRefuseASecondCompletion() {
        long finished = RequestState.finished(BOTH, GENERATION);
        assertThat(RequestState.finished(finished, GENERATION)).isEqualTo(RequestState.REFUSED);
        long submitted = RequestState.submitted(BOTH, GENERATION);
        assertThat(RequestState.submitted(submitted, GENERATION)).isEqualTo(RequestState.REFUSED);
    }

    @Test
    void shouldRefuseTheEventsOfAnEarlierLife() {
        assertThat(RequestState.finished(BOTH, GENERATION - 1)).isEqualTo(RequestState.REFUSED);
        assertThat(RequestState.submitted(BOTH, GENERATION - 1)).isEqualTo(RequestState.REFUSED);
    }

    @Test
    void shouldFreeOnlyWhenQuiet() {
        assertThat(RequestState.free(BOTH)).isEqualTo(RequestState.REFUSED);
        long quiet = RequestState.finished(RequestState.submitted(BOTH, GENERATION), GENERATION);
        long free = RequestState.free(quiet);
        assertThat(RequestState.isQuiet(free)).isFalse();
        assertThat(RequestState.generation(free)).isEqualTo(GENERATION);
        assertThat(RequestState.free(free)).isEqualTo(RequestState.REFUSED);
        assertThat(RequestState.finished(free, GENERATION)).isEqualTo(RequestState.REFUSED);
    }

    @Test
    void shouldWrapTheGenerationWithoutTouchingOtherBits() {
        long last = 0xffff_ffffL << 32;
        long begun = RequestState.begin(last);
        assertThat(RequestState.generation(begun)).isZero();
        assertThat(RequestState.isRunning(begun)).isTrue();
    }

    @Test
    void shouldNameTheStepAndTheStateWhenARequestIsMisused() {
        IoRequest request = new IoRequest(true);
        int generation = request.begin();
        assertThat(request.finished(generation)).isFalse();
        assertThat(request.submitted(generation)).isTrue();
        assertThatThrownBy(() -> request.finished(generation))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("request step refused: step=finished, request=[generation 1, live]");
        request.free();
        assertThat(request.begin()).isEqualTo(generation + 1);
    }
}
