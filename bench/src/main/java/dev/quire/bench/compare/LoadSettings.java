package dev.quire.bench.compare;

/**
 * What a process does to its file; it goes there as JSON.
 *
 * @param subject the way to the file
 * @param file where it lies
 * @param pages of it
 * @param pageBytes size of a page
 * @param memoryBytes what pages may take, for who holds to that by himself
 * @param threads that work
 * @param writePercent requests that overwrite a page
 * @param uniformPercent requests that read any page; the rest reads hot pages more often
 * @param scanPercent requests that read {@link #SCAN_PAGES} pages in a row
 * @param warmSeconds work before anything counts
 * @param seconds work that counts
 * @param seed of the random numbers
 */
record LoadSettings(
        Subject subject,
        String file,
        long pages,
        int pageBytes,
        long memoryBytes,
        int threads,
        int writePercent,
        int uniformPercent,
        int scanPercent,
        double warmSeconds,
        double seconds,
        long seed) {
    /** How many pages a scan reads. */
    static final int SCAN_PAGES = 64;
}
