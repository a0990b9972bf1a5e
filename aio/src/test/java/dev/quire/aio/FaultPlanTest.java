package dev.quire.aio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class FaultPlanTest {
    @Test
    void shouldDecideAlikeWithTheSameSeed() {
        List<Boolean> first = decisions(FaultPlan.builder().seed(1));
        assertThat(first).contains(true, false);
        assertThat(decisions(FaultPlan.builder().seed(1))).isEqualTo(first);
        assertThat(decisions(FaultPlan.builder().seed(2))).isNotEqualTo(first);
    }

    @Test
    void shouldStrikeAsOftenAsAsked() {
        FaultPlan plan = FaultPlan.builder().seed(3).probability(Fault.EIO, 0.25).build();
        for (int i = 0; i < 10_000; i++) {
            plan.strikes(Fault.EIO, IoOperation.READ);
        }
        assertThat(plan.injected(Fault.EIO)).isBetween(2_300L, 2_700L).isEqualTo(plan.injected());
        assertThat(plan.injected(Fault.LATE)).isZero();
    }

    @Test
    void shouldStrikeOnlyWhatItIsFor() {
        FaultPlan plan =
                FaultPlan.builder()
                        .probability(Fault.EIO, 1)
                        .probability(Fault.ENOSPC, 1)
                        .probability(Fault.EINTR, 1)
                        .only(FaultPlan.Traffic.READS, FaultPlan.Traffic.SYNCS)
                        .build();
        assertThat(plan.strikes(Fault.EIO, IoOperation.READ_VECTOR)).isTrue();
        assertThat(plan.strikes(Fault.EIO, IoOperation.SYNC)).isTrue();
        assertThat(plan.strikes(Fault.EIO, IoOperation.WRITE)).isFalse();
        assertThat(plan.strikes(Fault.EIO, IoOperation.OPEN)).isFalse();
        assertThat(plan.strikes(Fault.ENOSPC, IoOperation.READ)).isFalse();
        assertThat(plan.strikes(Fault.ENOSPC, IoOperation.SYNC_DATA)).isTrue();
        assertThat(plan.strikes(Fault.EINTR, IoOperation.SYNC)).isFalse();
        assertThat(plan.mayStrike(Fault.EIO, IoOperation.SYNC)).isTrue();
        assertThat(plan.mayStrike(Fault.LATE, IoOperation.SYNC)).isFalse();
    }

    @Test
    void shouldStopAtItsCountAndWhileSwitchedOff() {
        FaultPlan plan = FaultPlan.builder().probability(Fault.EIO, 1).countMax(2).build();
        plan.off();
        assertThat(plan.strikes(Fault.EIO, IoOperation.READ)).isFalse();
        assertThat(plan.toString()).endsWith("off]");
        plan.on();
        assertThat(plan.strikes(Fault.EIO, IoOperation.READ)).isTrue();
        assertThat(plan.strikes(Fault.EIO, IoOperation.READ)).isTrue();
        assertThat(plan.strikes(Fault.EIO, IoOperation.READ)).isFalse();
        assertThat(plan.injected()).isEqualTo(2);
    }

    @Test
    void shouldNameValueAndLimitOfWhatItRefuses() {
        FaultPlan.Builder builder = FaultPlan.builder();
        for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> builder.probability(Fault.LATE, wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("probability must be 0..1: probability=" + wrong + ", fault=LATE");
        }
        assertThatThrownBy(() -> builder.countMax(-1))
                .hasMessage("countMax must be 0 or more: countMax=-1");
    }

    private static List<Boolean> decisions(FaultPlan.Builder builder) {
        FaultPlan plan = builder.probability(Fault.EIO, 0.5).build();
        List<Boolean> decisions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            decisions.add(plan.strikes(Fault.EIO, IoOperation.WRITE));
        }
        return decisions;
    }
}
