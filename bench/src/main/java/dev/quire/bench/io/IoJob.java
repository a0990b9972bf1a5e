package dev.quire.bench.io;

import dev.quire.aio.Engine;
import dev.quire.bench.console.Console;
import dev.quire.bench.console.InputException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One {@code quire io} from the making of its file to its report. One thread. */
public final class IoJob {
    private final IoSettings settings;
    private final Console console;

    /**
     * A job that has not started.
     *
     * @param settings what to do
     * @param console where to tell about it
     */
    public IoJob(IoSettings settings, Console console) {
        this.settings = settings;
        this.console = console;
    }

    /**
     * Measures and reports.
     *
     * @return whether no request failed
     * @throws InputException when the settings do not fit the machine or the file
     * @throws IOException when the file could not be opened
     */
    public boolean run() throws IOException {
        try (MeasuredFile file = MeasuredFile.of(settings, console)) {
            return settings.compare() ? compare(file) : measure(file);
        }
    }

    private boolean measure(MeasuredFile file) throws IOException {
        IoResult result = engine(settings.engine(), settings.fixed()).run(settings.shape(), file);
        tellOf(result.firstError());
        IoReport report = new IoReport(settings, file, result);
        console.result(report.table());
        if (settings.json()) {
            console.result(report.json().toString());
        }
        return result.errors() == 0;
    }

    private boolean compare(MeasuredFile file) throws IOException {
        Map<String, List<IoResult>> results =
                new Comparison(settings.shape(), settings.rounds(), console).run(subjects(), file);
        for (List<IoResult> rounds : results.values()) {
            for (IoResult result : rounds) {
                tellOf(result.firstError());
            }
        }
        ComparisonReport report = new ComparisonReport(settings, file, results);
        console.result(report.table());
        if (settings.json()) {
            console.result(report.json().toString());
        }
        return report.errors() == 0;
    }

    private List<Subject> subjects() {
        List<Subject> subjects = new ArrayList<>(FioSubject.installed(settings.fixed()));
        if (subjects.isEmpty()) {
            console.note("fio is not on the PATH: compared without it");
        }
        if (settings.engine() == Engine.AUTO) {
            subjects.add(engine(Engine.URING, false));
            if (settings.fixed()) {
                subjects.add(engine(Engine.URING, true));
            }
            subjects.add(engine(Engine.THREAD_POOL, false));
            subjects.add(engine(Engine.CHANNEL, false));
        } else {
            subjects.add(engine(settings.engine(), settings.fixed()));
        }
        subjects.add(new AsyncChannelSubject());
        subjects.add(ChannelSubject.pool());
        subjects.add(ChannelSubject.oneThread());
        return subjects;
    }

    private EngineSubject engine(Engine engine, boolean fixed) {
        return new EngineSubject(engine, fixed, settings.rings());
    }

    private void tellOf(@Nullable String error) {
        if (error != null) {
            console.note("a request failed: " + error);
        }
    }
}
