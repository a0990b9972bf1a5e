package dev.quire.progress;

/**
 * Something that others must be able to do while actors are held up.
 *
 * @param kind what kind of thing
 * @param about what it is done to, in words
 * @param work does it
 */
public record Probe(String kind, String about, Runnable work) {}
