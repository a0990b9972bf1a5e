package dev.quire.progress;

/**
 * Something that others must be able to do while actors are held up.
 *
 * @param kind what kind of thing
 * @param subject what it is done to: a file, say
 * @param firstPage of that
 * @param pages how many, the only ones that it may have to wait for
 * @param work does it
 */
public record Probe(String kind, String subject, long firstPage, int pages, Runnable work) {
    /**
     * One that waits for no page.
     *
     * @param kind what kind of thing
     * @param subject what it is done to
     * @param work does it
     */
    public Probe(String kind, String subject, Runnable work) {
        this(kind, subject, 0, 0, work);
    }

    /** Whether it is about a page of a file. */
    boolean isAbout(Object file, long page) {
        return subject.equals(file) && page >= firstPage && page < firstPage + pages;
    }

    /** What it is done to, in words. */
    String about() {
        return pages == 0 ? subject : subject + " " + firstPage;
    }
}
