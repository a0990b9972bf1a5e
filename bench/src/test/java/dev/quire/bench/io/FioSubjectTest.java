package dev.quire.bench.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quire.aio.Engine;
import dev.quire.aio.WriteDurability;
import dev.quire.bench.console.Console;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** What is asked of fio, and what is made of its answer, with a program in its place. */
@DisabledOnOs(OS.WINDOWS)
final class FioSubjectTest {
    private static final IoShape SHAPE =
            new IoShape(IoPattern.RANDRW, 8192, 16, 2, true, WriteDurability.DATA_SYNC, 0.2);

    private static final String REPORT =
            """
            note: both iodepth >= 1 and a remark
            {
              "fio version" : "fio-3.33",
              "jobs" : [
                {
                  "jobname" : "quire",
                  "error" : 0,
                  "job_runtime" : 400,
                  "usr_cpu" : 2.5,
                  "sys_cpu" : 7.5,
                  "mixed" : {
                    "iops" : 1000.5,
                    "total_ios" : 200,
                    "lat_ns" : {
                      "max" : 900000,
                      "percentile" : {
                        "50.000000" : 61000,
                        "99.000000" : 111000,
                        "99.900000" : 211000
                      }
                    }
                  }
                }
              ]
            }
            """;

    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void makeFile() throws IOException {
        file = Files.write(folder.resolve("a:file"), new byte[65536]);
    }

    @Test
    void shouldAskForTheSameAsOfTheOthers() throws IOException {
        run(fio("printf '%s\\n' \"$@\" >'" + folder + "/args'", answer(REPORT)), "io_uring", false);

        assertThat(Files.readAllLines(folder.resolve("args")))
                .contains("--filename=" + folder + "/a\\:file", "--size=65536", "--rw=randrw")
                .contains("--bs=8192", "--iodepth=16", "--numjobs=2", "--direct=1")
                .contains(
                        "--ioengine=io_uring",
                        "--runtime=200ms",
                        "--ramp_time=100ms",
                        "--sync=dsync")
                .contains("--allow_file_create=0")
                .contains("--percentile_list=10.0:25.0:50.0:75.0:90.0:95.0:99.0:99.5:99.9:99.99");
    }

    @Test
    void shouldGiveABlockingEngineAThreadForEveryRequestUnderWay() throws IOException {
        run(fio("printf '%s\\n' \"$@\" >'" + folder + "/args'", answer(REPORT)), "psync", false);

        assertThat(Files.readAllLines(folder.resolve("args")))
                .contains("--ioengine=psync", "--iodepth=1", "--numjobs=32");
    }

    @Test
    void shouldRegisterMemoryAndFilesWhenTheOthersDo() throws IOException {
        IoResult result =
                run(
                        fio("printf '%s\\n' \"$@\" >'" + folder + "/args'", answer(REPORT)),
                        "io_uring",
                        true);

        assertThat(result.subject()).isEqualTo("fio-io-uring-fixed");
        assertThat(Files.readAllLines(folder.resolve("args")))
                .contains("--fixedbufs", "--registerfiles");
    }

    @Test
    void shouldReadItsReportBehindItsRemarks() throws IOException {
        IoResult result = run(fio(answer(REPORT)), "io_uring", false);

        assertThat(result.subject()).isEqualTo("fio-io-uring");
        assertThat(result.iops()).isEqualTo(1000.5);
        assertThat(result.bytesPerSecond()).isEqualTo(1000.5 * 8192);
        assertThat(result.latency().nanosAt(50)).isEqualTo(61000);
        assertThat(result.latency().nanosAt(99)).isEqualTo(111000);
        assertThat(result.latency().nanosAt(99.9)).isEqualTo(211000);
        assertThat(result.latency().maxNanos()).isEqualTo(900000);
        assertThat(result.latency().nanosAt(99.99)).as("what it left out").isZero();
        assertThat(result.errors()).isZero();
    }

    @Test
    void shouldTakeFiosWordForTheProcessorTimeOfAShortTurn() throws IOException {
        // 10 % of the 400 ms of its threads, for 200 requests.
        assertThat(run(fio(answer(REPORT)), "io_uring", false).cpuNanosPerIo()).isEqualTo(200_000);

        String without = REPORT.replaceAll(" *\"(usr_cpu|sys_cpu|job_runtime)\".*\n", "");
        assertThat(run(fio(answer(without)), "io_uring", false).cpuNanosPerIo()).isNaN();
    }

    @Test
    void shouldSayWhatFioSaidWhenItFails() throws IOException {
        Path fio = fio("echo 'fio: engine io_uring not loadable'", "exit 1");
        assertThatThrownBy(() -> run(fio, "io_uring", false))
                .isInstanceOf(IOException.class)
                .hasMessage("fio-io-uring failed: fio: engine io_uring not loadable");
    }

    @Test
    void shouldRefuseAReportThatIsNone() throws IOException {
        for (String said : new String[] {"", "hello", "{\n}", "{\n \"jobs\": []}"}) {
            Path fio = fio(answer(said));
            assertThatThrownBy(() -> run(fio, "psync", false))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("fio-psync gave a report that is not understood");
        }
    }

    @Test
    void shouldFindTheProgramOnThePath() throws IOException {
        Path fio = fio("true");
        assertThat(FioSubject.onPath("/nowhere::" + folder)).contains(fio);
        assertThat(FioSubject.onPath("/nowhere")).isEmpty();
        assertThat(FioSubject.onPath("")).isEmpty();
    }

    private IoResult run(Path fio, String ioEngine, boolean fixed) throws IOException {
        IoSettings settings =
                new IoSettings(
                        SHAPE, file, null, folder, true, Engine.AUTO, false, 1, true, 1, false);
        PrintWriter writer = new PrintWriter(new StringWriter());
        try (MeasuredFile target = MeasuredFile.of(settings, new Console(writer, writer, 0))) {
            return new FioSubject(fio, ioEngine, fixed).run(SHAPE, target);
        }
    }

    private Path fio(String... lines) throws IOException {
        Path script = folder.resolve("fio");
        Files.writeString(script, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }

    private static String answer(String text) {
        return "cat <<'REPORT'\n" + text + "\nREPORT";
    }
}
