//! The bytes in memory over time, as a picture.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use super::memory::Moment;

pub fn draw(path: &Path, history: &[Moment], budget: usize) -> Result<(), Box<dyn Error>> {
    let [ms, mb] = [|moment: &Moment| moment.at.as_secs_f64() * 1e3, |moment: &Moment| moment.bytes as f64 / 1e6];
    let budget = budget as f64 / 1e6;
    let end = history.last().map_or(0.0, ms);
    let top = history.iter().map(mb).fold(budget, f64::max) * 1.1;
    // Between two moments nothing changes.
    let steps = history.windows(2).flat_map(|pair| [(ms(&pair[0]), mb(&pair[0])), (ms(&pair[1]), mb(&pair[0]))]);

    let picture = SVGBackend::new(path, (900, 400)).into_drawing_area();
    picture.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&picture)
        .caption("Bytes of pages in memory, and the budget", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    chart.configure_mesh().disable_x_mesh().x_desc("ms").y_desc("MB").draw()?;
    chart.draw_series(AreaSeries::new(steps, 0.0, BLUE.mix(0.3)).border_style(BLUE))?;
    chart.draw_series(LineSeries::new([(0.0, budget), (end, budget)], &RED))?;
    picture.present()?;
    Ok(())
}
