package dev.quire.aio;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;

/** Transfers and syncs of a file whose system answers as a {@link FaultPlan} wants it. */
final class FaultyTransfer extends Transfer {
    private static final Fault[] ERRORS = {Fault.EINTR, Fault.EAGAIN, Fault.EIO, Fault.ENOSPC};

    private final FaultPlan plan;
    private final Path path;

    FaultyTransfer(RawFile raw, Path path, LongAdder resumed, FaultPlan plan) {
        super(raw, path, resumed);
        this.plan = plan;
        this.path = path;
    }

    @Override
    Step step(Progress progress, long n) throws IoException {
        return super.step(progress, n < 0 ? n : answer(progress, n));
    }

    @Override
    void sync(boolean metadata) throws IOException {
        super.sync(metadata);
        IoOperation operation = metadata ? IoOperation.SYNC : IoOperation.SYNC_DATA;
        for (Fault fault : ERRORS) {
            if (plan.strikes(fault, operation)) {
                throw new IoException(operation.word(), path, -1, -1, fault.errno(), null);
            }
        }
    }

    /** What the system is made to have answered to a try that moved {@code n} bytes. */
    private long answer(Progress progress, long n) {
        IoOperation operation = progress.write ? IoOperation.WRITE : IoOperation.READ;
        for (Fault fault : ERRORS) {
            if (plan.strikes(fault, operation)) {
                return -fault.errno();
            }
        }
        // A part ends with a block: less of one would be the end of the file.
        long parts = (n - 1) / blockBytes();
        return parts > 0 && plan.strikes(Fault.SHORT_TRANSFER, operation)
                ? plan.oneTo(parts) * blockBytes()
                : n;
    }
}
