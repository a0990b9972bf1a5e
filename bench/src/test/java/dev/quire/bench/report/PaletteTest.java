package dev.quire.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;
import java.util.stream.IntStream;

final class PaletteTest {
    /** Five times what people can just tell apart side by side. */
    private static final double APART = 0.1;

    /** What the WCAG asks of lines and signs. */
    private static final double CONTRAST = 3;

    /** Light as who lacks a kind of cones sees it: G. Machado and others, IEEE TVCG 15(6), 2009. */
    private static final double[][][] EYES = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {
            {0.152286, 1.052583, -0.204868},
            {0.114503, 0.786281, 0.099216},
            {-0.003882, -0.048116, 1.051998}
        },
        {
            {0.367322, 0.860646, -0.227968},
            {0.280085, 0.672501, 0.047413},
            {-0.011820, 0.042940, 0.968881}
        },
        {
            {1.255528, -0.076749, -0.178779},
            {-0.078411, 0.930809, 0.147602},
            {0.004733, 0.691367, 0.303900}
        }
    };

    @ParameterizedTest
    @EnumSource(Theme.class)
    void shouldKeepColorsApartForAllEyes(Theme theme) {
        assertThat(theme.lines()).hasSize(Theme.COLORS);
        for (double[][] eye : EYES) {
            for (int i = 0; i < Theme.COLORS; i++) {
                for (int j = 0; j < i; j++) {
                    double[] one = lab(seen(theme.lines().get(i), eye));
                    double[] other = lab(seen(theme.lines().get(j), eye));
                    assertThat(distance(one, other))
                            .as("%s and %s", theme.lines().get(i), theme.lines().get(j))
                            .isGreaterThan(APART);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Theme.class)
    void shouldStandOutFromTheBackground(Theme theme) {
        double back = luminance(theme.background());
        for (String line : theme.lines()) {
            double front = luminance(line);
            assertThat((Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05))
                    .as(line)
                    .isGreaterThanOrEqualTo(CONTRAST);
        }
    }

    @Test
    void shouldGiveASubjectTheSameColorInEveryReport() {
        Palette hits = Palette.of(List.of("quire"), List.of("raw", "mmap", "caffeine", "chm"));
        Palette misses = Palette.of(List.of("quire"), List.of("mystery", "mmap", "filechannel"));

        assertThat(misses.slot("quire")).isEqualTo(hits.slot("quire")).isZero();
        assertThat(misses.slot("mmap")).isEqualTo(hits.slot("mmap"));
        assertThat(hits.style("quire")).isEqualTo("s0 own");
        assertThat(hits.style("mmap")).isEqualTo("s3");
    }

    @Test
    void shouldGiveNoTwoSubjectsOfAReportTheSameColor() {
        List<String> others =
                List.of("x", "caffeine", "netty-pooled", "arc", "mmap", "y", "quire", "z");
        Palette palette = Palette.of(List.of("rtq", "lru"), others);

        assertThat(others.stream().map(palette::slot)).doesNotHaveDuplicates();
        assertThat(others.stream().map(palette::slot))
                .doesNotContain(palette.slot("rtq"), palette.slot("lru"));
        assertThat(palette.slot("caffeine")).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhatItCannotTellApart() {
        List<String> many = IntStream.range(0, 17).mapToObj(i -> "subject-" + i).toList();

        assertThatThrownBy(() -> Palette.of(List.of(), many))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 16");
        assertThatThrownBy(() -> Palette.of(List.of("a"), List.of()).slot("b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("subject=b");
    }

    private static double[] seen(String color, double[][] eye) {
        double[] light = linear(color);
        double[] seen = new double[3];
        for (int i = 0; i < 3; i++) {
            double sum = eye[i][0] * light[0] + eye[i][1] * light[1] + eye[i][2] * light[2];
            seen[i] = Math.clamp(sum, 0.0, 1.0);
        }
        return seen;
    }

    private static double[] linear(String color) {
        return IntStream.of(1, 3, 5)
                .mapToDouble(at -> Integer.parseInt(color, at, at + 2, 16) / 255.0)
                .map(c -> c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4))
                .toArray();
    }

    private static double luminance(String color) {
        double[] light = linear(color);
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
    }

    /** Oklab: B. Ottosson, "A perceptual color space for image processing", 2020. */
    private static double[] lab(double[] c) {
        double l = Math.cbrt(0.4122214708 * c[0] + 0.5363325363 * c[1] + 0.0514459929 * c[2]);
        double m = Math.cbrt(0.2119034982 * c[0] + 0.6806995451 * c[1] + 0.1073969566 * c[2]);
        double s = Math.cbrt(0.0883024619 * c[0] + 0.2817188376 * c[1] + 0.6299787005 * c[2]);
        return new double[] {
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
        };
    }

    private static double distance(double[] a, double[] b) {
        return Math.sqrt(
                (a[0] - b[0]) * (a[0] - b[0])
                        + (a[1] - b[1]) * (a[1] - b[1])
                        + (a[2] - b[2]) * (a[2] - b[2]));
    }
}
