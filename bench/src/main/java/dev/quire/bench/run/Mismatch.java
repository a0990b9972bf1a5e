package dev.quire.bench.run;

/**
 * A page that did not hold what it must hold.
 *
 * @param page its number in the file
 * @param expected what it must hold
 * @param found what it held
 */
record Mismatch(long page, String expected, String found) {
    @Override
    public String toString() {
        return "mismatch: page=" + page + ", expected " + expected + ", found " + found;
    }
}
