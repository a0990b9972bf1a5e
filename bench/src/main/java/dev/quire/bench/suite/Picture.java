package dev.quire.bench.suite;

import dev.quire.bench.report.Chart;

/**
 * A chart that can stand alone.
 *
 * @param name of its file, without an ending
 * @param chart what is drawn
 */
record Picture(String name, Chart chart) {}
