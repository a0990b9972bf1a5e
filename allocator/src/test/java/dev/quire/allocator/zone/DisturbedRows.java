package dev.quire.allocator.zone;

/** One child, of which somebody else takes or gives a frame just before a CAS. */
final class DisturbedRows extends Rows {
    static final int POSITION = 5;

    private int disturbedRow = -1;

    DisturbedRows() {
        super(Child.FRAMES, 1);
    }

    /** Before the next CAS on that row, the frame at POSITION changes hands. */
    void disturb(int row) {
        disturbedRow = row;
    }

    @Override
    boolean cas(int row, long seen, long next) {
        if (row == disturbedRow) {
            disturbedRow = -1;
            set(row, seen ^ (1L << POSITION));
        }
        return super.cas(row, seen, next);
    }
}
