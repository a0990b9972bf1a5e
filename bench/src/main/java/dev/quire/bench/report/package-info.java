/**
 * Reports: one HTML page that needs nothing else (no network, no script), and its charts as SVG,
 * which also stand alone as pictures.
 *
 * <pre>
 *   Page               texts, tables, charts under their legend; the machine
 *     |
 *   Chart              LineChart | BarChart | HeatMap, 360 units wide: a phone shows it as it is
 *     |                    |
 *     |                Axis -> Scale      values to places, round values to mark
 *     |
 *   Palette -> Theme   which subject has which line; the colors by day and by night
 *     |
 *   Markup             elements and attributes, every text escaped
 *
 *   SvgPicture         one chart with title, legend and background, for a README
 * </pre>
 */
@NullMarked
package dev.quire.bench.report;

import org.jspecify.annotations.NullMarked;
