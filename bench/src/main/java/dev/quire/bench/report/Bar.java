package dev.quire.bench.report;

/**
 * A figure of one subject.
 *
 * @param subject whose
 * @param value 0 or more; NaN when it is not known
 * @param error how far it may be off; 0 when nothing is said of that
 */
public record Bar(String subject, double value, double error) {}
